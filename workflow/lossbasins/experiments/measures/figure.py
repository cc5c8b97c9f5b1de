"""Rank correlations of all measures with test accuracy, and the paper's and the best against it (E9)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lossbasins.experiments.measures.specs import FigureInputs, FigureSpec
from lossbasins.reporting import labels, style
from lossbasins.reporting.binomial import binomial_note, draw_binomial
from lossbasins.reporting.protocols import PROTOCOLS
from lossbasins.reporting.solutions import data_note
from lossbasins.specs.files import Drawing
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Measures of basins and test accuracy"
LINE = 0.19
"""Inches, of one measure."""
FOOT = 2.5
"""Inches, of the panels below the forest."""
PAPER = "log_inverse_volume"
"""The paper's measure."""
CURVES = {"raw": ("-", style.INK), "interpolated": ("--", "#5b9bd0"), "matched": (":", "#08306b")}
"""Line and colour of each protocol."""


def run(spec: FigureSpec, inputs: FigureInputs, outputs: Drawing, context: Context) -> None:
    """Draws once and saves in three formats."""
    table, points, ranks = (pd.read_csv(path) for path in (inputs.table, inputs.points, inputs.ranks))
    figure = measures_figure(table, points, ranks, spec.top, context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def measures_figure(
    table: pd.DataFrame, points: pd.DataFrame, ranks: pd.DataFrame, top: int, manifest_id: str
) -> Figure:
    """A forest of all measures, a panel for each protocol; up to two scatters; tau for other numbers of eigenvalues.

    Args:
        table: from `lossbasins.experiments.measures.numbers.rankings`.
        points: one row per protocol, measure and solution.
        ranks: from `lossbasins.experiments.measures.numbers.rank_curves`.
        top: our number of eigenvalues.
        manifest_id: for the small print.
    """
    measures = _down(table)
    protocols = [name for name in PROTOCOLS if name in set(points["protocol"])]
    height = LINE * (len(measures) + 3)
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, height + FOOT + 1.4), layout="constrained")
        style.small_print(figure, _note(table, points), manifest_id)
        grid = figure.add_gridspec(2, 1, height_ratios=[height, FOOT])
        forests = grid[0].subgridspec(1, len(protocols)).subplots(sharey=True, squeeze=False)[0]
        for axes, protocol in zip(forests, protocols, strict=True):
            _forest(axes, table[table["protocol"] == protocol], measures)
            axes.set_title(f"{protocol}:\n{PROTOCOLS[protocol]}", fontweight="bold")
        forests[0].set_yticks(range(len(measures)), measures)
        chosen = _drawn(table, protocols[-1])
        *scatters, curve = grid[1].subgridspec(1, len(chosen) + 1).subplots(squeeze=False)[0]
        last = points[points["protocol"] == protocols[-1]]
        for axes, (name, title) in zip(scatters, chosen.items(), strict=True):
            _scatter(axes, last[last["measure"] == name], name, title)
        _curves(curve, ranks, top)
        _legend(figure)
        style.settle(figure)
    return figure


def _down(table: pd.DataFrame) -> list[str]:
    """The primary measure first, nulls last."""
    ordered = table.groupby("measure", sort=False)[["null", "primary"]].any().reset_index()
    ordered = ordered.sort_values(["null", "primary"], ascending=[True, False], kind="stable")
    return [str(name) for name in ordered["measure"]]


def _drawn(table: pd.DataFrame, protocol: str) -> dict[str, str]:
    """The paper's measure, and of the others, nulls apart, that with the largest tau; each with a title."""
    rows = table[(table["protocol"] == protocol) & ~table["null"] & (table["solutions"] > 0)]
    ranked = rows.assign(size=rows["overall"].abs()).sort_values("size", ascending=False, kind="stable")["measure"]
    paper = [str(name) for name in ranked if name == PAPER]
    best = [str(name) for name in ranked if name != PAPER][:1]
    title = "best of the others" if paper else "best"
    return dict.fromkeys(paper, f"{protocol}: the paper's") | dict.fromkeys(best, f"{protocol}: {title}")


def _forest(axes: Axes, rows: pd.DataFrame, measures: list[str]) -> None:
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    first_null = len(measures) - int(rows["null"].sum())
    axes.axhspan(first_null - 0.5, len(measures) - 0.5, color="#eeeeee", linewidth=0, zorder=0)
    for row in rows.to_dict("records"):
        place = measures.index(row["measure"])
        for offset, name, marker in ((-0.16, "overall", "o"), (0.16, "within", "s")):
            axes.hlines(place + offset, row[f"{name}_low"], row[f"{name}_high"], color=style.INK, linewidth=1)
            primary = row["primary"] and name == "within"
            face = style.UNATTACKED if primary else style.INK
            axes.plot(
                row[name],
                place + offset,
                marker,
                ms=6 if primary else 3.5,
                markerfacecolor="white" if row["null"] else face,
                markeredgecolor=face,
                markeredgewidth=0.8,
            )
        if np.isnan(row["overall"]):
            axes.text(0, place, "none", size=style.SMALL_SIZE, ha="center", va="center", color=style.MUTED)
        axes.text(1.1, place, f"{row['solutions']:.0f}", size=style.SMALL_SIZE, va="center")
    axes.set(xlim=(-1.05, 1.05), ylim=(len(measures) - 0.5, -0.5))
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], [f"{labels.MINUS}1", "", "0", "", "1"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(r"Kendall's $\tau$")


def _scatter(axes: Axes, points: pd.DataFrame, measure: str, title: str) -> None:
    axes.set_title(title, fontweight="bold")
    shown = points[points["left_out"].isna()]
    if shown.empty:
        labels.empty(axes, f"{measure}:\nno solution")
        return
    draw_binomial(axes, shown, "value")
    attacked = shown["attack"] != "none"
    bad, good = (style.ROLES["bad"], style.OUTLINE), ("white", style.UNATTACKED)
    for members, (face, edge) in ((shown[attacked], bad), (shown[~attacked], good)):
        place = members["value"], 100 * members["test_accuracy"]
        axes.errorbar(*place, xerr=members["standard_error"], fmt="none", ecolor=style.MUTED, elinewidth=0.6)
        axes.scatter(*place, s=18, color=face, edgecolor=edge, linewidth=0.8, zorder=3)
    axes.set(xlabel=measure, ylabel="test accuracy (%)")
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))


def _curves(axes: Axes, ranks: pd.DataFrame, top: int) -> None:
    axes.set_title(r"$\tau$ of log $V^{-1}(k)$", fontweight="bold")
    if ranks.empty:
        labels.empty(axes, "no spectra")
        return
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    axes.axvline(top, color=style.MUTED, linewidth=0.6, linestyle="--")
    for protocol, curve in ranks.groupby("protocol", sort=False):
        line, colour = CURVES[str(protocol)]
        axes.plot(curve["k"], curve["tau"], linestyle=line, color=colour, label=str(protocol))
    axes.set(xscale="log", ylim=(-1.05, 1.05), xlabel="k", ylabel=r"Kendall's $\tau$")
    axes.legend(loc="upper right", fontsize=style.SMALL_SIZE, frameon=True, framealpha=1, edgecolor="none")


def _legend(figure: Figure) -> None:
    marks = [
        ("o", style.INK, style.INK, 4, r"$\tau$, all solutions"),
        ("s", style.INK, style.INK, 4, r"$\tau$ within cells"),
        ("s", style.UNATTACKED, style.UNATTACKED, 6.5, "primary test (within cells)"),
        ("o", "white", style.INK, 4, "null (grey band)"),
    ]
    handles = [
        Line2D([], [], linestyle="none", marker=marker, ms=size, markerfacecolor=face, markeredgecolor=edge)
        for marker, face, edge, size, _ in marks
    ]
    figure.legend(handles, [words for *_, words in marks], ncols=4, loc="outside upper center")


def _note(table: pd.DataFrame, points: pd.DataFrame) -> str:
    settings = table.iloc[0]
    return (
        f"Kendall's tau of test accuracy and measure, {settings['confidence']:.0%} bootstrap intervals, and the number "
        f"of solutions; within cells of one initialisation, optimizer and attack. Left out are those that the protocol "
        f"leaves out, and values that did not converge (measures.csv). Below: white are unattacked, bars standard "
        f"errors; dashed, our k.{binomial_note(points)} {data_note(points)}."
    )
