"""What a small test set leaves unknown of a test accuracy."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from lossbasins.reporting import style

Array = npt.NDArray[np.float64]

SMALL = 2000
"""Test images; of fewer figures draw the interval of each accuracy, of more it is no wider than a few marks."""
CONFIDENCE = 0.95


def binomial_intervals(accuracy: Array, images: Array, confidence: float = CONFIDENCE) -> tuple[Array, Array]:
    """Exact intervals (Clopper and Pearson) of the shares that test accuracies are estimates of.

    Args:
        accuracy: shape (N,), shares of the images.
        images: shape (N,), how many.
        confidence: between 0 and 1.

    Returns:
        Lower and upper ends, each of shape (N,).
    """
    right = np.round(accuracy * images)
    tail = (1 - confidence) / 2
    low = np.where(right > 0, stats.beta.ppf(tail, right, images - right + 1), 0.0)
    high = np.where(right < images, stats.beta.ppf(1 - tail, right + 1, images - right), 1.0)
    return low, high


def draw_binomial(axes: Axes, points: pd.DataFrame, across: str) -> None:
    """Upright bars at marks of test accuracy in percent, where the test set is small.

    Args:
        axes: of the marks.
        points: with test_accuracy, test_images and what lies on the other axis.
        across: name of its column.
    """
    small = points[points["test_images"] < SMALL]
    accuracy, images = (small[name].to_numpy(dtype=np.float64) for name in ("test_accuracy", "test_images"))
    low, high = binomial_intervals(accuracy, images)
    axes.vlines(small[across], 100 * low, 100 * high, color=style.MUTED, linewidth=0.4, alpha=0.6, zorder=1)


def binomial_note(points: pd.DataFrame) -> str:
    """What the bars are, as a sentence with a space in front; empty if there are none."""
    small = sorted(points.loc[points["test_images"] < SMALL, "test_images"].unique())
    if not small:
        return ""
    return f" Upright bars: {CONFIDENCE:.0%} binomial intervals of {' or '.join(f'{n:g}' for n in small)} test images."
