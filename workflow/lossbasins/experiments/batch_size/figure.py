"""Test accuracies of full and mini batches, beside those of bad solutions (E2, the table of section 3.1)."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lossbasins.experiments.batch_size.numbers import ATTACKED, FULL, GROUPS, MINI
from lossbasins.reporting import labels, style
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing, DrawnWithPoints
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Test accuracy with full and mini batches"
ROW_HEIGHT = 2.4
"""Inches, of a panel with its axes and title."""
PANELS = 3
"""Side by side."""
SPREAD = 0.12
"""Half the width over which the dots of a group are spread out."""
MEAN_OFFSET = 0.27
"""Of the mean from the middle of the dots."""
LOOKS: dict[str, dict[str, Any]] = {
    FULL: {"marker": "s", "color": "white", "edgecolor": style.UNATTACKED},
    MINI: {"marker": "o", "color": style.UNATTACKED, "edgecolor": style.INK},
    ATTACKED: {"marker": "^", "color": style.ROLES["bad"], "edgecolor": style.OUTLINE},
}
"""Of the dots."""
TICKS = {FULL: "full\nbatch", MINI: "mini\nbatch", ATTACKED: "mini,\nattacked"}


def run(spec: Spec, inputs: DrawnWithPoints, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = batch_size_figure(pd.read_csv(inputs.points), pd.read_csv(inputs.table), context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def batch_size_figure(points: pd.DataFrame, table: pd.DataFrame, manifest_id: str) -> Figure:
    """A panel per model: a dot for each fitted replica, the mean with its interval, and the two differences.

    Args:
        points: one row per replica, from `lossbasins.experiments.batch_size.numbers.batch_size_points`.
        table: from `lossbasins.experiments.batch_size.numbers.batch_size_table`.
        manifest_id: for the small print.
    """
    columns = min(PANELS, len(table))
    rows = math.ceil(len(table) / columns)
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, ROW_HEIGHT * rows + 0.5), layout="constrained")
        style.small_print(figure, _note(points, table), manifest_id)
        panels = figure.subplots(rows, columns, squeeze=False).flatten()
        several = table["dataset"].nunique() > 1
        for axes, row in zip(panels, table.to_dict("records"), strict=False):
            name = labels.model(str(row["model"])) + (f" on {row['dataset']}" if several else "")
            axes.set_title(f"{name}\n{_words('full - mini', row, 'difference')}\n{_words('gap', row, 'gap')}")
            of_model = points[(points["dataset"] == row["dataset"]) & (points["model"] == row["model"])]
            _accuracies(axes, of_model[of_model["left_out"].isna()], row)
        for axes in panels[len(table) :]:
            axes.remove()
        style.settle(figure)
    return figure


def _note(points: pd.DataFrame, table: pd.DataFrame) -> str:
    optimizers = {group: ", ".join(members["optimizer"].unique()) for group, members in points.groupby("group")}
    attacks = ", ".join(points.loc[points["group"] == ATTACKED, "attack"].unique())
    return (
        f"Dots: replicas; marks with bars: means with {table['confidence'].iloc[0]:.0%} intervals. In brackets: Welch "
        f"intervals, in percentage points. Full batch: {optimizers[FULL]}; mini batch: {optimizers[MINI]}; attacked: "
        f"mini batch with {attacks}; gap: mini minus attacked. {left_out_note(points['left_out'])}. "
        f"{data_note(points)}."
    )


def _words(name: str, row: Mapping[Hashable, Any], key: str) -> str:
    value, low, high = (100 * row[part] for part in (key, f"{key}_low", f"{key}_high"))
    if math.isnan(value):
        return f"{name}: not defined"
    numbers = f"{value:.1f}" if math.isnan(low) else f"{value:.1f} [{low:.1f}, {high:.1f}]"
    return f"{name}: {numbers}".replace("-", labels.MINUS)


def _accuracies(axes: Axes, points: pd.DataFrame, row: Mapping[Hashable, Any]) -> None:
    for position, group in enumerate(GROUPS):
        values = 100 * points.loc[points["group"] == group, "test_accuracy"].to_numpy()
        spread = np.linspace(-SPREAD, SPREAD, len(values)) if len(values) > 1 else np.zeros(len(values))
        axes.scatter(position + spread, values, s=16, linewidth=0.7, zorder=3, **LOOKS[group])
        mean, low, high = (100 * row[f"{group}_{part}"] for part in ("mean", "low", "high"))
        axes.vlines(position + MEAN_OFFSET, low, high, color=style.INK, linewidth=1)
        axes.plot(position + MEAN_OFFSET, mean, "_", color=style.INK, ms=7, markeredgewidth=1.2)
    axes.set(xlim=(-0.5, len(GROUPS) - 0.4), ylabel="test accuracy (%)")
    axes.set_xticks(range(len(GROUPS)), [TICKS[group] for group in GROUPS])
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    if points.empty:
        labels.empty(axes, "no solution to show")
