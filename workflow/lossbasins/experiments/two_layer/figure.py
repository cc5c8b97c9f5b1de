"""Input gradients of two-layer networks, their bounds, and what rescaling nodes does to both (E4, section 4)."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from lossbasins.experiments.two_layer.numbers import left_out
from lossbasins.reporting import labels, style
from lossbasins.reporting.formats import percent
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing, Drawn
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Input gradients and bounds of two-layer networks"
PANEL_HEIGHT = 1.9
"""Inches, of all that is neither legend nor row."""
ROW_HEIGHT = 0.29
"""Inches, of an activation and attack."""
SOLUTION = ["activation", "attack", "replica"]
"""Columns that identify one."""
SIDES = {
    "input_gradient": ("o", r"$E\,|\nabla_x f|^2$"),
    "inner_product": ("|", r"$\langle BB^T, F_{cc}\rangle$"),
    "bound": ("D", r"$|B|_F^2\,|F_{cc}|_F$"),
    "corollary": ("4", r"$|B|_F^2\,(|H_{cc}|_F + |a|\,\sup|s''|\,\sqrt{2L_S})$"),
}
"""Marker and label of each side of the theorem, from the smallest on; equal ones can be seen through each other."""
FOLLOWED: dict[str, dict[str, Any]] = {
    "hessian": {"marker": "o", "linestyle": "-", "color": style.INK, "label": r"$|H|_F$"},
    "bound": {
        "marker": "D",
        "linestyle": "--",
        "color": style.UNATTACKED,
        "label": r"$|B|_F^2\,|F_{cc}|_F$",
    },
    "balanced_bound": {"marker": "s", "linestyle": ":", "color": "#5b9bd0", "label": r"$K\,|N F_{cc} N|_F$"},
}
"""Looks of what is followed while nodes are rescaled."""
HOLLOW: dict[str, Any] = {"ms": 3.5, "mfc": "none", "mew": 0.8, "linewidth": 0.8}
"""Of their marks, so that equal ones can be seen through each other."""
RESCALED = {"all": "all nodes times t", "one": "one node times t"}


def run(spec: Spec, inputs: Drawn, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = two_layer_figure(pd.read_csv(inputs.table), context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def two_layer_figure(table: pd.DataFrame, manifest_id: str) -> Figure:
    """Both sides of the theorem at each solution, and ratios to the solution as trained while its nodes are rescaled.

    Args:
        table: one row per solution and rescaling, as the stage `two_layer` writes it.
        manifest_id: for the small print.
    """
    fitted = table[table["status"] == "ok"]
    groups = len(fitted.groupby(["activation", "attack"]))
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, PANEL_HEIGHT + ROW_HEIGHT * max(groups, 3)), layout="constrained")
        style.small_print(figure, _note(table), manifest_id)
        sides, *panels = figure.subplots(1, 3, width_ratios=(2, 1, 1))
        panels[1].sharey(panels[0])
        _sides(sides, fitted[fitted["rescaled"] == "none"])
        for axes, (nodes, title) in zip(panels, RESCALED.items(), strict=True):
            _followed(axes, fitted[fitted["homogeneous"]], nodes)
            axes.set_title(title)
        panels[1].set_ylabel("")
        panels[1].tick_params(labelleft=False)
        if len(fitted):
            figure.legend(handles=_side_marks(), loc="outside upper left", ncols=2, columnspacing=1)
        if fitted["homogeneous"].any():
            figure.legend(handles=_followed_lines(), loc="outside upper right", handlelength=3)
        style.settle(figure)
    return figure


def _note(table: pd.DataFrame) -> str:
    return (
        f"{left_out_note(left_out(table))}. Left: each solution as trained. Middle and right: each solution with a "
        "positively homogeneous activation, b_k and c_k times t, a_k over t, ratios to t = 1; f stays the same, and so "
        "does E|grad_x f|^2. One node: the one with the largest share in it. N = diag(|b_k|), K nodes. "
        f"{data_note(table)}."
    )


def _sides(axes: Axes, solutions: pd.DataFrame) -> None:
    """One line per activation and attack."""
    if solutions.empty:
        labels.empty(axes, "no solution to show")
        return
    names = []
    for position, (_, members) in enumerate(solutions.groupby(["activation", "attack"], sort=False)):
        first = members.iloc[0]
        attack = labels.attack(first["attack_weight"], first["attack_size"])
        names.append(f"{first['activation']}, {attack}\n{percent(members['test_accuracy'].median())} % test accuracy")
        for name, (marker, _) in SIDES.items():
            axes.plot(members[name], [position] * len(members), marker, **_look(marker))
    axes.set(xscale="log", ylim=(len(names) - 0.5, -0.5), yticks=range(len(names)))
    axes.set_yticklabels(names)
    labels.logarithmic(axes.xaxis, *axes.get_xlim())
    axes.set_xlabel("value at the training inputs")
    axes.grid(axis="y", color=style.MUTED, linewidth=0.3)
    axes.tick_params(axis="y", length=0)


def _look(marker: str) -> dict[str, Any]:
    """Thin markers are larger, and filled ones have no filling."""
    return {"color": style.INK, "ms": 4 if marker in "oD" else 8, "mew": 0.8, "mfc": "none", "linestyle": "none"}


def _side_marks() -> list[Line2D]:
    return [Line2D([], [], marker=marker, label=label, **_look(marker)) for marker, label in SIDES.values()]


def _followed(axes: Axes, solutions: pd.DataFrame, nodes: str) -> None:
    """One line per solution and measure."""
    if solutions.empty:
        labels.empty(axes, "no network\ncan be rescaled")
        return
    for _, members in solutions.groupby(SOLUTION, sort=False):
        trained = members[members["rescaled"] == "none"]
        path = pd.concat([trained, members[members["rescaled"] == nodes]]).sort_values("factor")
        for name, look in FOLLOWED.items():
            axes.plot(path["factor"], path[name] / trained[name].item(), **look, **HOLLOW)
    factors = sorted(solutions["factor"].unique())
    axes.set(xscale="log", yscale="log", xlabel="factor t", ylabel="ratio to the solution as trained")
    axes.set_xticks(factors, [f"{factor:g}" for factor in factors])
    axes.xaxis.set_minor_locator(NullLocator())
    labels.logarithmic(axes.yaxis, *axes.get_ylim())


def _followed_lines() -> list[Line2D]:
    return [Line2D([], [], **look, **HOLLOW) for look in FOLLOWED.values()]
