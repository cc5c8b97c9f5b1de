"""Test accuracy against basin volume and Frobenius norm (E6, the paper's Fig. 3)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from lossbasins.reporting import style
from lossbasins.reporting.figures import labels
from lossbasins.reporting.solutions import data_note, left_out_note

TITLE = "Test accuracy and basin volume"
SCATTER_HEIGHT = 2.6
"""Inches, of the upper panels with their axes."""
ROW_HEIGHT = 0.17
"""Inches, of one line of correlations or of the legend."""
MARKER_AREA = (20.0, 48.0)
"""Square points, from no attack to the heaviest."""
LEFT_OUT = {"log_inverse_volume": "log_inverse_volume_left_out", "frobenius_norm": "frobenius_norm_left_out"}
"""The measures, in the order of the panels, with the columns that say why one is missing."""


def volume_figure(points: pd.DataFrame, correlations: pd.DataFrame, top: int, manifest_id: str) -> Figure:
    """Two scatter plots, and under each the rank correlations within its groups of solutions.

    Args:
        points: one row per replica, from `lossbasins.reporting.volume.points`.
        correlations: from `lossbasins.reporting.volume.correlations`.
        top: the k of the log inverse volume.
        manifest_id: for the small print.
    """
    looks = _looks(points)
    markers = style.markers(sorted(points["optimizer"].unique()))
    groups = correlations["group"].nunique()
    legend_rows = max(len(looks), len(markers))
    heights = [ROW_HEIGHT * legend_rows, SCATTER_HEIGHT, 0.5 + ROW_HEIGHT * groups]
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, sum(heights) + 0.7), layout="constrained")
        style.small_print(figure, _note(points, correlations), manifest_id)
        panels = figure.subplots(2, 2, height_ratios=heights[1:], sharey="row")
        labelled = (
            f"log inverse volume, log $V^{{-1}}$({top})",
            r"Frobenius norm of the Hessian, $\|\nabla^2 L_S\|_F$",
        )
        for (scatter, forest), measure, label in zip(panels.T, LEFT_OUT, labelled, strict=True):
            _scatter(scatter, points[points[measure].notna()], measure, looks, markers)
            scatter.set_xlabel(label)
            _correlations(forest, correlations[correlations["measure"] == measure], looks)
        panels[0, 0].set_ylabel("test accuracy (%)")
        _legend(figure, looks, markers)
        style.settle(figure)
    return figure


def _looks(points: pd.DataFrame) -> pd.DataFrame:
    """Label, colour, outline and area of the marks of each attack setting, the weakest first."""
    settings = points[["attack", "attack_weight", "attack_size"]].drop_duplicates()
    looks = settings.sort_values(["attack_weight", "attack_size"]).set_index("attack")
    weights = looks["attack_weight"]
    unattacked = weights == 0
    attacked = looks.index[~unattacked]
    smallest, largest = MARKER_AREA
    return looks.assign(
        label=[labels.attack(*setting) for setting in zip(weights, looks["attack_size"], strict=True)],
        colour=pd.Series(style.attack_colours(len(attacked)), index=attacked, dtype="str")
        .reindex(looks.index)
        .fillna(style.UNATTACKED),
        outline=np.where(unattacked, style.INK, style.OUTLINE),
        area=smallest + (largest - smallest) * weights / max(weights.max(), np.finfo(float).tiny),
    )


def _note(points: pd.DataFrame, correlations: pd.DataFrame) -> str:
    volume, frobenius = (left_out_note(points[column]) for column in LEFT_OUT.values())
    notes = volume if volume == frobenius else f"{volume}; for the Frobenius norm: {frobenius}"
    settings = correlations.iloc[0]
    return (
        f"{notes}. Horizontal bars: standard error. Below: Kendall's tau with {settings['confidence']:.0%} intervals "
        f"from {settings['resamples']:,} bootstrap resamples; n: number of solutions. "
        f"{data_note(points)}."
    )


def _scatter(axes: Axes, points: pd.DataFrame, measure: str, looks: pd.DataFrame, markers: dict[str, str]) -> None:
    if points.empty:
        labels.empty(axes, "no solution to show")
        return
    if measure == "frobenius_norm":
        _logarithmic(axes, points)
    for attack in reversed(looks.index):
        look = looks.loc[attack]
        for optimizer, marker in markers.items():
            shown = points[(points["attack"] == attack) & (points["optimizer"] == optimizer)]
            axes.scatter(
                shown[measure],
                100 * shown["test_accuracy"],
                s=look["area"],
                marker=marker,
                color=look["colour"],
                edgecolor=look["outline"],
                linewidth=0.6,
                zorder=3,
            )
            if measure == "frobenius_norm":
                axes.errorbar(
                    shown[measure],
                    100 * shown["test_accuracy"],
                    xerr=shown["standard_error"],
                    fmt="none",
                    ecolor=style.MUTED,
                    elinewidth=0.6,
                    zorder=2,
                )
    axes.margins(0.06)


def _logarithmic(axes: Axes, points: pd.DataFrame) -> None:
    """A logarithmic axis that has at least three labelled ticks, also within one decade."""
    axes.set_xscale("log")
    decades = np.log10(points["frobenius_norm"].max() / points["frobenius_norm"].min())
    if decades < 2:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades > 0.6 else (1, 1.5, 2, 3, 4, 5, 6, 8)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())


def _correlations(axes: Axes, rows: pd.DataFrame, looks: pd.DataFrame) -> None:
    """One line per group: tau as a dot, its interval as a bar, both as numbers to the right."""
    colours = dict(looks["colour"])
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    for position, row in enumerate(rows.to_dict("records")):
        colour = style.INK if row["group"] == "all" else colours[row["group"]]
        axes.hlines(position, row["low"], row["high"], color=colour, linewidth=1.5)
        axes.plot(row["tau"], position, "o", color=colour, ms=4, markeredgecolor=style.INK, markeredgewidth=0.5)
        axes.text(
            1.12,
            position,
            _numbers(row["tau"], row["low"], row["high"], row["solutions"]),
            size=style.SMALL_SIZE,
            va="center",
        )
    names = ["all solutions", *looks["label"]]
    axes.set(xlim=(-1.05, 2.9), ylim=(len(names) - 0.4, -0.6), yticks=range(len(names)))
    axes.set_yticklabels(names)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], [f"{labels.MINUS}1", "", "0", "", "1"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(-1, 1)
    axes.set_xlabel(r"Kendall's $\tau$", x=1.05 / 3.95)


def _numbers(tau: float, low: float, high: float, solutions: int) -> str:
    if np.isnan(tau):
        return f"not defined, n = {solutions}"
    bounds = "" if np.isnan(low) else f" [{labels.signed(low)}, {labels.signed(high)}]"
    return f"{labels.signed(tau)}{bounds}, n = {solutions}"


def _legend(figure: Figure, looks: pd.DataFrame, markers: dict[str, str]) -> None:
    """Attack settings by colour and size in the first column, optimizers by marker in the second."""
    settings = [_mark("o", look["colour"], look["outline"], look["area"]) for _, look in looks.iterrows()]
    optimizers = [_mark(marker, "white", style.INK, float(np.mean(MARKER_AREA))) for marker in markers.values()]
    rows = max(len(settings), len(optimizers))
    blank = Line2D([], [], linestyle="none")
    figure.legend(
        [*settings, *[blank] * (rows - len(settings)), *optimizers, *[blank] * (rows - len(optimizers))],
        [*looks["label"], *[""] * (rows - len(settings)), *markers, *[""] * (rows - len(optimizers))],
        ncols=2,
        loc="outside upper center",
        columnspacing=4,
    )


def _mark(marker: str, colour: str, outline: str, area: float) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markersize=float(np.sqrt(area)),
        markerfacecolor=colour,
        markeredgecolor=outline,
        markeredgewidth=0.6,
    )
