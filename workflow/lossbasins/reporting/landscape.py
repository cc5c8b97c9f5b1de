"""Solutions of one landscape as marks: test accuracy against a measure of their basins."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lossbasins.reporting import labels, style
from lossbasins.reporting.binomial import draw_binomial

EDGE = 0.8
"""Points, of the edges of marks."""
MEASURE_LABELS = {
    "log_inverse_volume": "log inverse volume, log $V^{{-1}}$({top})",
    "frobenius_norm": r"Frobenius norm, $\|\nabla^2 L_S\|_F$",
}
"""The measures, in the order of panels."""


def scatter(axes: Axes, points: pd.DataFrame, measure: str, looks: pd.DataFrame, markers: dict[str, str]) -> None:
    """Marks with the error of the measure, and with that of the accuracy where the test set is small.

    Args:
        axes: where.
        points: solutions that have the measure; it is empty where none has.
        measure: a column.
        looks: face, edge and area of the marks of each attack.
        markers: of each optimizer.
    """
    if points.empty:
        labels.empty(axes, "no solution to show")
        return
    if measure == "frobenius_norm":
        _logarithmic(axes, points)
    draw_binomial(axes, points, measure)
    for attack in reversed(looks.index):
        look = looks.loc[attack]
        for optimizer, marker in markers.items():
            shown = points[(points["attack"] == attack) & (points["optimizer"] == optimizer)]
            axes.scatter(
                shown[measure],
                100 * shown["test_accuracy"],
                s=look["area"],
                marker=marker,
                color=look["face"],
                edgecolor=look["edge"],
                linewidth=EDGE,
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
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    # A spread below a hundredth of a point would be labelled with numbers that all look the same.
    low, high = axes.get_ylim()
    if high - low < 0.1:
        axes.set_ylim(low - 0.5, high + 0.5)


def mark(marker: str, face: str, edge: str, area: float) -> Line2D:
    """A mark for a legend; its area is in square points."""
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markersize=float(np.sqrt(area)),
        markerfacecolor=face,
        markeredgecolor=edge,
        markeredgewidth=EDGE,
    )


def _logarithmic(axes: Axes, points: pd.DataFrame) -> None:
    """A logarithmic axis; a linear one for less than a factor of two."""
    low, high = points["frobenius_norm"].min(), points["frobenius_norm"].max()
    if high < 2 * low:
        axes.xaxis.set_major_locator(MaxNLocator(3))
        return
    axes.set_xscale("log")
    labels.logarithmic(axes.xaxis, low, high)
