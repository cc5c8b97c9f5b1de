"""Means of a few replicas and their differences, with Student's intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; what cannot be said is NaN, and `reason` says why."""

    value: float
    low: float
    high: float
    reason: str = ""


@dataclass(frozen=True)
class Moments:
    """What a paper publishes of a sample."""

    mean: float
    deviation: float
    """Of the sample, with N - 1 in the denominator."""
    number: int


def mean(values: Array, confidence: float) -> Estimate:
    """The mean of independent values, with Student's interval.

    Args:
        values: shape (N,), finite.
        confidence: of the interval, between 0 and 1.

    Returns:
        NaN for no value; a mean without interval for one value, or for several that are all equal, since the interval
        would claim certainty.
    """
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, "no solution")
    value = float(values.mean())
    if reason := _no_interval(values):
        return Estimate(value, np.nan, np.nan, reason)
    half = _half_width([values], confidence)
    return Estimate(value, value - half, value + half)


def difference(first: Array, second: Array, confidence: float) -> Estimate:
    """The difference of two means, first minus second, with Welch's interval: variances may differ.

    Args:
        first: shape (N,), finite.
        second: shape (M,), finite.
        confidence: of the interval, between 0 and 1.

    Returns:
        NaN where one has no value; no interval where one has a single value, or where neither spreads.
    """
    if min(first.size, second.size) == 0:
        return Estimate(np.nan, np.nan, np.nan, "no solution on one side")
    value = float(first.mean() - second.mean())
    if reason := _no_interval(first, second):
        return Estimate(value, np.nan, np.nan, reason)
    half = _half_width([first, second], confidence)
    return Estimate(value, value - half, value + half)


def standard_deviation(values: Array) -> float:
    """Of a sample, with N - 1 in the denominator; NaN for fewer than two values."""
    return float(values.std(ddof=1)) if values.size > 1 else np.nan


def compared_means(first: Moments, second: Moments) -> tuple[float, float, str]:
    """Welch's t of two samples of which mean, deviation and number are known.

    Returns:
        t, positive if the first mean is larger; the two-sided p; and, where both are NaN, the reason.
    """
    if min(first.number, second.number) < 2:
        return np.nan, np.nan, "fewer than two solutions"
    if first.deviation == second.deviation == 0:
        return np.nan, np.nan, "all values are equal"
    t, p = stats.ttest_ind_from_stats(
        first.mean, first.deviation, first.number, second.mean, second.deviation, second.number, equal_var=False
    )
    return float(t), float(p), ""


def _half_width(samples: Sequence[Array], confidence: float) -> float:
    r"""Of the interval of a sum or difference of means.

    With :math:`v_i = s_i^2 / n_i` it is :math:`t_\nu \sqrt{\sum v_i}`, with the degrees of freedom of Welch and
    Satterthwaite, :math:`\nu = (\sum v_i)^2 / \sum (v_i^2 / (n_i - 1))`; of one sample they are n - 1. Beside two
    values alone these are too many, and a 95 % interval misses in up to 12 % of cases (benchmarks/intervals.py); there
    the degrees of freedom are 1, those of Hsu, with which it misses no more often than it says.
    """
    errors = np.array([sample.var(ddof=1) / sample.size for sample in samples])
    degrees = errors.sum() ** 2 / sum(v**2 / (sample.size - 1) for v, sample in zip(errors, samples, strict=True))
    if min(sample.size for sample in samples) == 2:
        degrees = 1.0
    return float(stats.t.ppf((1 + confidence) / 2, degrees) * np.sqrt(errors.sum()))


def _no_interval(*samples: Array) -> str:
    """Why the spread of samples says nothing about their means; empty if it does."""
    if min(sample.size for sample in samples) < 2:
        return "a single solution has no spread"
    return "" if any(np.ptp(sample) > 0 for sample in samples) else "all values are equal"
