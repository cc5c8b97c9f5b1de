"""Kendall's rank correlation with a bootstrap interval."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Correlation:
    """Kendall's tau-b of a group of points; what cannot be said is NaN, and `reason` says why."""

    tau: float
    low: float
    high: float
    points: int
    reason: str = ""


def kendall(
    x: Array, y: Array, *, resamples: int, confidence: float, smallest_group: int, rng: np.random.Generator
) -> Correlation:
    """Kendall's tau-b with a percentile interval from resampling points with replacement.

    A point drawn twice is tied with itself and counts in neither tau-b nor its denominator, so that resampling does not
    pull the coefficient towards zero.

    Args:
        x: shape (N,), finite.
        y: shape (N,), finite.
        resamples: number of bootstrap samples.
        confidence: of the interval, between 0 and 1.
        smallest_group: fewer points than this get no coefficient, at least 2.
        rng: source of the resamples.

    Returns:
        The coefficient and its interval. Both are NaN for too few points or a constant coordinate, the interval alone
        where every resample agrees (all pairs in one order), since it would claim certainty.

    Raises:
        ValueError: shapes differ, or a value is not finite.
    """
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"x and y have shapes {x.shape} and {y.shape}: both must be (N,)")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("x and y must be finite: leave out points that have no value")
    points = x.size
    if points < smallest_group:
        return Correlation(np.nan, np.nan, np.nan, points, f"fewer than {smallest_group} solutions")
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return Correlation(np.nan, np.nan, np.nan, points, "all values are equal")
    tau = float(stats.kendalltau(x, y).statistic)
    resampled = bootstrap_tau(x, y, resamples, rng)
    if np.ptp(resampled) == 0:
        return Correlation(tau, np.nan, np.nan, points, "every resample gives the same tau")
    low, high = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Correlation(tau, float(low), float(high), points)


def bootstrap_tau(x: Array, y: Array, resamples: int, rng: np.random.Generator) -> Array:
    r"""Kendall's tau-b of bootstrap samples.

    With :math:`c_i` the number of times that point i is drawn and :math:`s_{ij} = \mathrm{sign}(x_i - x_j)`,
    :math:`t_{ij} = \mathrm{sign}(y_i - y_j)`,

    .. math:: \tau_b = \frac{c^T (s \circ t) c}{\sqrt{(c^T |s| c) (c^T |t| c)}}.

    Args:
        x: shape (N,).
        y: shape (N,).
        resamples: number of samples to draw.
        rng: source of the counts.

    Returns:
        Shape (at most `resamples`,): samples in which a coordinate is constant have no tau and are dropped.
    """
    counts = rng.multinomial(x.size, np.full(x.size, 1 / x.size), size=resamples).astype(np.float64)
    order_x, order_y = (np.sign(values[:, None] - values[None, :]) for values in (x, y))
    concordance, pairs_x, pairs_y = (
        np.einsum("bi,bi->b", counts @ pairs, counts) for pairs in (order_x * order_y, np.abs(order_x), np.abs(order_y))
    )
    defined = (pairs_x > 0) & (pairs_y > 0)
    result: Array = concordance[defined] / np.sqrt(pairs_x[defined] * pairs_y[defined])
    return result
