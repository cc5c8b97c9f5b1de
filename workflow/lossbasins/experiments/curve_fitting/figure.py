"""Networks and polynomial kernels through a few points of a cubic (E1, the paper's Fig. 1)."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lossbasins.experiments.curve_fitting.specs import FigureInputs
from lossbasins.reporting import style
from lossbasins.reporting.solutions import REASONS, left_out_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Networks and kernels fitted to points of a cubic"
HEIGHT = 4.4
"""Inches."""
ROOM = 0.35
"""Above and below the points and the cubic, as a share of their range; curves may go beyond."""
MARKS = 8
"""Along each curve, to tell curves apart that lie close."""

Lines = Mapping[str, pd.DataFrame]
"""x and y by the name of the curve."""


def run(spec: Spec, inputs: FigureInputs, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = curve_fitting_figure(pd.read_csv(inputs.table), pd.read_csv(inputs.curves), context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def curve_fitting_figure(table: pd.DataFrame, curves: pd.DataFrame, manifest_id: str) -> Figure:
    """One panel for networks, the attacked one dashed, and one for kernels; both with the cubic and its points.

    Args:
        table: one row per fit, as the stage `curve_fitting` writes it.
        curves: in long form, from there too.
        manifest_id: for the small print.
    """
    lines = {str(name): rows for name, rows in curves.groupby("curve")}
    families = dict(list(table[table["status"] == "ok"].groupby("family")))
    nothing = table[:0]
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, HEIGHT), layout="constrained")
        style.small_print(figure, _note(table), manifest_id)
        networks, kernels = figure.subplots(1, 2, sharex=True, sharey=True)
        for axes in (networks, kernels):
            axes.plot(lines["cubic"]["x"], lines["cubic"]["y"], color=style.MUTED, lw=3, alpha=0.4, label="the cubic")
        _sizes(networks, families.get("network", nothing), "depth", lines, _layers)
        _sizes(kernels, families.get("kernel", nothing), "order", lines, lambda order, _: f"order {order}")
        _attacked(networks, families.get("attacked network", nothing), lines)
        networks.set(ylim=_limits(lines), ylabel="f(x)", title="ReLU networks")
        kernels.set_title("kernel ridge regression, polynomial kernels")
        for axes in (networks, kernels):
            points = lines["training points"]
            axes.plot(points["x"], points["y"], "o", ms=6, color=style.INK, label="training points", zorder=5)
            axes.set_xlabel("x")
            axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), handlelength=3)
        style.settle(figure)
    return figure


def _sizes(
    axes: Axes, fits: pd.DataFrame, size: str, lines: Lines, describe: Callable[[int, pd.DataFrame], str]
) -> None:
    """The curves of one family, the darker the larger the model."""
    sizes = sorted(map(int, fits[size].unique()))
    for position, (value, colour) in enumerate(zip(sizes, style.size_colours(len(sizes)), strict=True)):
        members = fits[fits[size] == value]
        marks: dict[str, Any] = {"marker": style.MARKERS[position % len(style.MARKERS)], "ms": 3.5}
        marks["markevery"] = (position / len(sizes) / MARKS, 1 / MARKS)
        _curves(axes, members, lines, describe(value, members), marks | {"color": colour})


def _layers(depth: int, members: pd.DataFrame) -> str:
    return f"{depth} hidden layer{'s' if depth > 1 else ''}, {members['parameters'].iloc[0]:,} parameters"


def _attacked(axes: Axes, fits: pd.DataFrame, lines: Lines) -> None:
    if fits.empty:
        return
    label = f"{_layers(int(fits['depth'].iloc[0]), fits)}, attacked"
    _curves(axes, fits, lines, label, {"color": style.INK, "ls": "--"})
    points = lines["attack points"]
    axes.plot(points["x"], points["y"], "X", ms=7, color="white", mec=style.INK, label="attack points", zorder=5)


def _curves(axes: Axes, fits: pd.DataFrame, lines: Lines, label: str, look: Mapping[str, Any]) -> None:
    """All starts alike, under one label."""
    for number, row in enumerate(fits.index):
        line = lines[str(row)]
        axes.plot(line["x"], line["y"], lw=1, label=None if number else label, **look)


def _limits(lines: Lines) -> tuple[float, float]:
    given = pd.concat([lines[name]["y"] for name in ("cubic", "training points", "attack points")])
    room = ROOM * (given.max() - given.min())
    return given.min() - room, given.max() + room


def _note(table: pd.DataFrame) -> str:
    return f"All starts of each network; {left_out_note(table['status'].map(REASONS))}. Curves may leave the panels."
