"""Test accuracy against basin volume and Frobenius norm (E6, the paper's Fig. 3)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lossbasins.experiments.volumes.specs import FigureSpec
from lossbasins.reporting import labels, style
from lossbasins.reporting.binomial import binomial_note
from lossbasins.reporting.landscape import EDGE, MEASURE_LABELS, mark, scatter
from lossbasins.reporting.protocols import PROTOCOLS
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.reporting.volume import ALL, GIVEN_LOSS, WITHIN, measures_of
from lossbasins.specs.files import Drawing, DrawnWithPoints
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Test accuracy and basin volume"
ROW_HEIGHT = 2.1
"""Inches, of the panels of one protocol with their axes."""
LEGEND_LINE = 0.17
"""Inches, of one line of the legend."""
MARKER_AREA = (14.0, 34.0)
"""Square points, from no attack to the heaviest."""
MEASURE_NAMES = {"log_inverse_volume": "volume", "frobenius_norm": "Frobenius"}
MEASURE_MARKERS = {"log_inverse_volume": "o", "frobenius_norm": "D"}
"""Of the rank correlations."""
GROUP_NAMES = {ALL: "all", GIVEN_LOSS: "all, at fixed loss", WITHIN: "within cells"}


def run(spec: FigureSpec, inputs: DrawnWithPoints, outputs: Drawing, context: Context) -> None:
    """Draws once and saves in three formats."""
    figure = volume_figure(pd.read_csv(inputs.points), pd.read_csv(inputs.table), spec.top, context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def volume_figure(points: pd.DataFrame, correlations: pd.DataFrame, top: int, manifest_id: str) -> Figure:
    """One row of panels for each protocol: test accuracy against each measure, and their rank correlations.

    Args:
        points: one row per replica and protocol, as the table of volumes has them.
        correlations: from `lossbasins.experiments.volumes.numbers.correlations`.
        top: the k of the log inverse volume.
        manifest_id: for the small print.
    """
    looks = _looks(points)
    markers = style.markers(sorted(points["optimizer"].unique()))
    measures = measures_of(points)
    protocols = list(points["protocol"].unique())
    legend = LEGEND_LINE * (max(len(looks), len(markers)) + 1)
    # The lines of correlations need their room also where there are many settings.
    row = max(ROW_HEIGHT, 0.7 + 0.21 * correlations["group"].nunique())
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, row * len(protocols) + legend + 0.6), layout="constrained")
        style.small_print(figure, _note(points, correlations), manifest_id)
        panels = figure.subplots(len(protocols), len(measures) + 1, squeeze=False, sharey=False)
        for protocol, (*scatters, forest) in zip(protocols, panels, strict=True):
            members = points[points["protocol"] == protocol]
            for axes, measure in zip(scatters, measures, strict=True):
                scatter(axes, members[members[measure].notna()], measure, looks, markers)
                axes.set_xlabel(MEASURE_LABELS[measure].format(top=top))
            scatters[0].set_ylabel("test accuracy (%)")
            scatters[0].set_title(f"{protocol}: {PROTOCOLS[protocol]}", fontweight="bold")
            _correlations(forest, correlations[correlations["protocol"] == protocol], looks)
        _legend(figure, looks, markers, measures)
        style.settle(figure)
    return figure


def _looks(points: pd.DataFrame) -> pd.DataFrame:
    """Label, colour and, of the marks, face, edge and area of each attack setting, the weakest first."""
    settings = points[["attack", "attack_weight", "attack_size"]].drop_duplicates()
    looks = settings.sort_values(["attack_weight", "attack_size"]).set_index("attack")
    weights = looks["attack_weight"]
    unattacked, random = weights == 0, weights.isna()
    attacked, copies = looks.index[~unattacked & ~random], looks.index[random]
    smallest, largest = MARKER_AREA
    graded = [*style.attack_colours(len(attacked)), *style.copies_colours(len(copies))]
    colours = pd.Series(graded, index=[*attacked, *copies], dtype="str").reindex(looks.index).fillna(style.UNATTACKED)
    return looks.assign(
        label=[labels.attack(*setting) for setting in zip(weights, looks["attack_size"], strict=True)],
        colour=colours,
        # Hollow, so that they stand out in greyscale, where red is a grey like any blue's.
        face=np.where(unattacked, "white", colours),
        edge=np.select([unattacked, random], [colours, style.INK], style.OUTLINE),
        area=smallest + (largest - smallest) * (weights / max(weights.max(), np.finfo(float).tiny)).fillna(0.5),
    )


def _note(points: pd.DataFrame, correlations: pd.DataFrame) -> str:
    notes = "; ".join(
        f"{protocol}: {_left_out(points[points['protocol'] == protocol])}" for protocol in points["protocol"].unique()
    )
    settings = correlations.iloc[0]
    return (
        f"{notes}. Bars at marks: standard error. Right: Kendall's tau of test accuracy and measure, with "
        f"{settings['confidence']:.0%} intervals from {settings['resamples']:,} bootstrap resamples, and the number of "
        f"solutions.{binomial_note(points)} {data_note(points)}."
    )


def _left_out(points: pd.DataFrame) -> str:
    notes = {measure: left_out_note(points[f"{measure}_left_out"]) for measure in measures_of(points)}
    if len(set(notes.values())) == 1:
        return next(iter(notes.values()))
    return "; ".join(f"{MEASURE_NAMES[measure]}, {note}" for measure, note in notes.items())


def _correlations(axes: Axes, rows: pd.DataFrame, looks: pd.DataFrame) -> None:
    """One line per group and in it one mark per measure: tau with its interval, and the number of solutions."""
    colours = dict(looks["colour"])
    groups = list(rows["group"].unique())
    measures = list(rows["measure"].unique())
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    for position, group in enumerate(groups):
        colour = colours.get(group, style.INK)
        members = rows[rows["group"] == group].to_dict("records")
        for offset, row in zip(np.linspace(-0.15, 0.15, len(measures)), members, strict=True):
            axes.hlines(position + offset, row["low"], row["high"], color=colour, linewidth=1.2)
            axes.plot(
                row["tau"],
                position + offset,
                MEASURE_MARKERS[row["measure"]],
                color=colour if row["measure"] == measures[0] else "white",
                ms=3.5,
                markeredgecolor=colour,
                markeredgewidth=EDGE,
            )
        counts = list(dict.fromkeys(str(row["solutions"]) for row in members))
        if all(np.isnan(row["tau"]) for row in members):
            axes.text(
                0,
                position,
                "not defined",
                size=style.SMALL_SIZE,
                va="center",
                ha="center",
                color=style.MUTED,
                backgroundcolor="white",
            )
        axes.text(1.12, position, ", ".join(counts), size=style.SMALL_SIZE, va="center")
    axes.set(xlim=(-1.05, 1.05), ylim=(len(groups) - 0.4, -0.6), yticks=range(len(groups)))
    axes.set_yticklabels([GROUP_NAMES.get(group) or looks.loc[group, "label"] for group in groups])
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], [f"{labels.MINUS}1", "", "0", "", "1"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(r"Kendall's $\tau$")


def _legend(figure: Figure, looks: pd.DataFrame, markers: dict[str, str], measures: list[str]) -> None:
    """Attack settings by colour and size, optimizers by marker, and the marks of the correlations: a column each."""
    columns = [
        [(mark("o", look["face"], look["edge"], look["area"]), look["label"]) for _, look in looks.iterrows()],
        [(mark(marker, "white", style.INK, float(np.mean(MARKER_AREA))), name) for name, marker in markers.items()],
        [
            (mark(MEASURE_MARKERS[measure], face, style.INK, 12), rf"$\tau$ of {MEASURE_NAMES[measure]}")
            for measure, face in zip(measures, (style.INK, "white"), strict=False)
        ],
    ]
    rows = max(map(len, columns))
    blank = (Line2D([], [], linestyle="none"), "")
    entries = [entry for column in columns for entry in [*column, *[blank] * (rows - len(column))]]
    handles, names = zip(*entries, strict=True)
    figure.legend(handles, names, ncols=len(columns), loc="outside upper center", columnspacing=4)
