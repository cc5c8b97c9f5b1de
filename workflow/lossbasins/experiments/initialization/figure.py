"""Test accuracies under several initialisations, ours beside the paper's (E3, Table 1)."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lossbasins.reporting import labels, style
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing, DrawnWithPoints
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Test accuracy under several initialisations"
ROW_HEIGHT = 2.5
"""Inches, of a panel with its axes and title."""
PANELS = 2
"""Side by side."""
DOTS, OURS, PAPER = -0.25, 0.0, 0.25
"""Where replicas, our mean and the paper's stand beside the middle of an initialisation."""
SPREAD = 0.09
"""Half the width over which dots are spread out."""
LOOKS: dict[float, dict[str, Any]] = {
    DOTS: {"marker": "o", "color": style.UNATTACKED, "ms": 3.5, "markeredgecolor": style.INK, "markeredgewidth": 0.6},
    OURS: {"marker": "s", "color": style.UNATTACKED, "ms": 4.5, "markeredgecolor": style.INK, "markeredgewidth": 0.6},
    PAPER: {"marker": "D", "color": "white", "ms": 4.5, "markeredgecolor": style.ROLES["bad"], "markeredgewidth": 1},
}
NAMES = {DOTS: "ours, replicas", OURS: "ours, mean ± deviation", PAPER: "paper, mean ± deviation"}
CASE = ["dataset", "model", "optimizer"]


def run(spec: Spec, inputs: DrawnWithPoints, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = initialization_figure(pd.read_csv(inputs.points), pd.read_csv(inputs.table), context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def initialization_figure(points: pd.DataFrame, table: pd.DataFrame, manifest_id: str) -> Figure:
    """A panel per case and in it for each initialisation our replicas, their mean and deviation, and the paper's.

    Args:
        points: one row per replica, from `lossbasins.experiments.initialization.numbers.initialization_points`.
        table: from `lossbasins.experiments.initialization.numbers.initialization_table`.
        manifest_id: for the small print.
    """
    cases = [rows for _, rows in table.groupby(CASE, sort=False)]
    columns = min(PANELS, len(cases))
    rows = math.ceil(len(cases) / columns)
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, ROW_HEIGHT * rows + 0.8), layout="constrained")
        style.small_print(figure, _note(points, table), manifest_id)
        panels = figure.subplots(rows, columns, squeeze=False).flatten()
        for axes, case in zip(panels, cases, strict=False):
            _case(axes, points.merge(case[[*CASE, "init"]]), case)
        for axes in panels[len(cases) :]:
            axes.remove()
        marks = [Line2D([], [], linestyle="none", **look) for look in LOOKS.values()]
        figure.legend(marks, list(NAMES.values()), ncols=len(marks), loc="outside upper center")
        style.settle(figure)
    return figure


def _note(points: pd.DataFrame, table: pd.DataFrame) -> str:
    other = " Panels so marked have another number of training images than the paper and replicate nothing."
    return (
        "Deviations are those of the sample. The paper names the last initialisation of a panel alone; the others "
        f"stand beside rows that it does not name.{'' if table['same_size'].all() else other} "
        f"{left_out_note(points['left_out'])}. {data_note(points)}."
    )


def _case(axes: Axes, points: pd.DataFrame, case: pd.DataFrame) -> None:
    first = case.iloc[0]
    ours = f"{labels.model(first['model'])} on {first['dataset']}, {first['training_images']:,} images"
    theirs = f"{first['paper']}, {first['paper_training_images']:,} images"
    verdict = "" if first["same_size"] else "\nNO REPLICATION: training sets differ in size"
    axes.set_title(f"ours: {ours}\npaper: {theirs}{verdict}")
    for position, row in enumerate(case.to_dict("records")):
        replicas = points[(points["init"] == row["init"]) & points["left_out"].isna()]["test_accuracy"].to_numpy()
        spread = np.linspace(-SPREAD, SPREAD, len(replicas)) if len(replicas) > 1 else np.zeros(len(replicas))
        axes.plot(position + DOTS + spread, 100 * replicas, linestyle="none", **LOOKS[DOTS])
        for offset, prefix in ((OURS, "test"), (PAPER, "paper_test")):
            _mean(axes, position + offset, row, prefix, LOOKS[offset])
    axes.set(xlim=(-0.5, len(case) - 0.5), ylabel="test accuracy (%)")
    axes.set_xticks(range(len(case)), [labels.init(init) for init in case["init"]])
    axes.tick_params(axis="x", length=0)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))


def _mean(axes: Axes, position: float, row: Mapping[Hashable, Any], prefix: str, look: dict[str, Any]) -> None:
    axes.errorbar(
        position,
        100 * row[f"{prefix}_mean"],
        yerr=np.nan_to_num(100 * row[f"{prefix}_std"]),
        ecolor=look["markeredgecolor"],
        elinewidth=1,
        capsize=2,
        **look,
    )
