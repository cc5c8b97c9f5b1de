"""Where solutions end that are kicked and let down again (E10)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from lossbasins.experiments.basin_stability.returns import ROLES, SOLUTION
from lossbasins.experiments.basin_stability.specs import CurveInputs
from lossbasins.reporting import labels, style
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Kicked solutions"
HEIGHT = 3.3
"""Inches."""
KINDS = {"whole": "kicks uniform on a sphere", "layers": "kicks in proportion\nto each layer"}
BAND = (0.1, 0.9)
"""Quantiles of the solutions' medians between which the band of a role lies."""


def run(spec: Spec, inputs: CurveInputs, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = basin_stability_figure(pd.read_csv(inputs.table), pd.read_csv(inputs.curves), context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def basin_stability_figure(table: pd.DataFrame, curves: pd.DataFrame, manifest_id: str) -> Figure:
    """Final test accuracy against the kick, a line a solution, and returns against the loss after the kick.

    Args:
        table: one row per solution and kind of kick, from `lossbasins.experiments.basin_stability.returns.half_radii`.
        curves: from `lossbasins.experiments.basin_stability.returns.return_curves`.
        manifest_id: for the small print.
    """
    once = table.drop_duplicates(SOLUTION)
    columns = [*SOLUTION, "kind", "role", "test_accuracy", "attack_weight"]
    shown = curves.merge(table[columns].rename(columns={"test_accuracy": "start"}), on=[*SOLUTION, "kind"])
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, HEIGHT), layout="constrained")
        style.small_print(figure, _note(once), manifest_id)
        whole, layers, last = figure.subplots(1, len(KINDS) + 1)
        for axes, (kind, title) in zip((whole, layers), KINDS.items(), strict=True):
            _accuracies(axes, shown[shown["kind"] == kind])
            axes.set_title(title, fontweight="bold")
        last.set_title("control:\nat one loss after the kick", fontweight="bold")
        if shown.empty:
            labels.empty(last, "no kick to show")
        else:
            layers.sharey(whole)
            layers.tick_params(labelleft=False)
            whole.set_ylabel("test accuracy after the descent (%)")
            _returns(last, shown)
            figure.legend(handles=_marks(shown), loc="outside upper left", ncols=4)
        style.settle(figure)
    return figure


def _note(once: pd.DataFrame) -> str:
    counts = once["role"].value_counts()
    return (
        f"Good: {counts.get('good', 0)} unattacked solutions; bad: {counts.get('bad', 0)} attacked ones, of low test "
        f"accuracy; the others, grey. Thin lines: the median of a solution's kicks; the mark at the left, its test "
        f"accuracy before. Thick: median of a role's solutions; band: the middle {BAND[1] - BAND[0]:.0%} of them. "
        f"Right: share of kicks that return, both kinds. {left_out_note(once['left_out'])}. {data_note(once)}."
    )


def _accuracies(axes: Axes, shown: pd.DataFrame) -> None:
    if shown.empty:
        labels.empty(axes, "no kick to show")
        return
    radii = sorted(shown["radius"].unique())
    start = radii[0] ** 2 / radii[1]
    for _, curve in shown.groupby(SOLUTION, sort=False):
        look = _look_of(curve)
        ends = 100 * np.array([curve["start"].iloc[0], *curve["test_accuracy"]])
        axes.plot([start, *curve["radius"]], ends, linewidth=0.5, alpha=0.6, **look)
    for role in ROLES:
        members = shown[shown["role"] == role]
        if len(members):
            begun, ended = members.drop_duplicates(SOLUTION)["start"], members.groupby("radius")["test_accuracy"]
            low, high, middle = (
                100 * np.array([begun.quantile(share), *ended.quantile(share)]) for share in (*BAND, 0.5)
            )
            axes.fill_between([start, *radii], low, high, color=style.ROLES[role], alpha=0.2, linewidth=0)
            axes.plot([start, *radii], middle, linewidth=1.8, **_look(role))
            axes.plot([start], middle[:1], style.ROLE_MARKERS[role], color=style.ROLES[role], ms=4)
    axes.set(xscale="log", xlabel="kick (share of |w|)")
    axes.set_xticks([start, *radii], ["0", *(f"{radius:g}" for radius in radii)])
    axes.xaxis.set_minor_locator(NullLocator())


def _returns(axes: Axes, shown: pd.DataFrame) -> None:
    for _, curve in shown.groupby([*SOLUTION, "kind"], sort=False):
        look = _look_of(curve)
        axes.plot(curve["kicked_loss"], 100 * curve["returned"] / curve["kicks"], linewidth=0.5, alpha=0.6, **look)
    for role in ROLES:
        members = shown[shown["role"] == role]
        if len(members):
            groups = members.groupby(["kind", "radius"])
            losses = np.log(members["kicked_loss"]).groupby([members["kind"], members["radius"]]).median()
            share = 100 * groups["returned"].sum() / groups["kicks"].sum()
            for kind in losses.index.get_level_values("kind").unique():
                axes.plot(np.exp(losses[kind]), share[kind], linewidth=1.8, **_look(role))
    axes.set(xscale="log", xlabel=r"$L_S$ after the kick", ylabel="kicks that return (%)", ylim=(-3, 103))


def _look_of(curve: pd.DataFrame) -> dict[str, Any]:
    """Of one solution: that of its role, in another colour where random labels made it."""
    look = _look(curve["role"].iloc[0])
    return look | ({"color": style.RANDOM_LABELS} if curve["attack_weight"].isna().any() else {})


def _look(role: object) -> dict[str, Any]:
    if isinstance(role, str):
        return {"color": style.ROLES[role], "linestyle": style.ROLE_LINES[role]}
    return {"color": style.MUTED, "linestyle": "-"}


def _marks(shown: pd.DataFrame) -> list[Line2D]:
    names = [role for role in ROLES if (shown["role"] == role).any()]
    marks = [
        Line2D([], [], marker=style.ROLE_MARKERS[role], label=role, linewidth=1.8, ms=4, **_look(role))
        for role in names
    ]
    others = [Line2D([], [], label="neither", **_look(None))] if shown["role"].isna().any() else []
    random = [Line2D([], [], color=style.RANDOM_LABELS, linestyle=":", label="random labels first", linewidth=0.8)]
    return [*marks, *others, *(random if shown["attack_weight"].isna().any() else [])]
