"""Kendall's rank correlation, also at a third quantity held fixed, with a bootstrap interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lossbasins.reporting.ordering import Pairs, blocks, pairs, pairs_within, partial, tau, taus_of
from lossbasins.reporting.power import smallest_shown

Array = npt.NDArray[np.float64]

SMALLEST_PARTIAL = 15
"""Fewer solutions than this get no interval of a partial coefficient: where the third quantity explains much, resamples
of a few solutions scatter so little that 95 % intervals miss the truth in 9 % of cases at 13, and in half at 5
(benchmarks/intervals.py)."""


@dataclass(frozen=True)
class Correlation:
    """Kendall's tau-b of a group of points; what cannot be said is NaN, and `reason` says why."""

    tau: float
    low: float
    high: float
    points: int
    reason: str = ""
    shown: float = np.nan
    """The smallest |tau| that so many points could have shown (`lossbasins.reporting.power`); NaN of partial ones."""


def kendall(
    x: Array,
    y: Array,
    *,
    given: Array | None = None,
    cells: npt.ArrayLike | None = None,
    resamples: int,
    confidence: float,
    smallest_group: int,
    rng: np.random.Generator,
) -> Correlation:
    """Kendall's tau-b with a percentile interval from resampling points with replacement.

    A point drawn twice is tied with itself and counts in neither tau-b nor its denominator, so that resampling does not
    pull the coefficient towards zero.

    Args:
        x: shape (N,), finite.
        y: shape (N,), finite.
        given: shape (N,), finite: what the correlation is partialled for; None for the plain one.
        cells: shape (N,): only pairs of one cell count, pooled over cells; None for all pairs.
        resamples: number of bootstrap samples.
        confidence: of the interval, between 0 and 1.
        smallest_group: fewer points than this get no coefficient, at least 2.
        rng: source of the resamples.

    Returns:
        The coefficient and its interval. Both are NaN for too few points, a constant coordinate, or one that `given`
        puts in its own order; the interval alone where every resample agrees (all pairs in one order), since it would
        claim certainty, and of a partial coefficient of fewer than `SMALLEST_PARTIAL` points.

    Raises:
        ValueError: shapes differ, or a value is not finite.
    """
    coordinates = (x, y) if given is None else (x, y, given)
    if any(values.shape != x.shape for values in coordinates) or x.ndim != 1:
        raise ValueError(f"given shapes {', '.join(str(values.shape) for values in coordinates)}: all must be (N,)")
    if not all(np.isfinite(values).all() for values in coordinates):
        raise ValueError("all values must be finite: leave out points that have none")
    points = x.size
    chosen = pairs(points) if cells is None else pairs_within(cells)
    sizes = [points] if cells is None else np.unique(np.asarray(cells), return_counts=True)[1]
    shown = smallest_shown(sizes, confidence) if given is None else np.nan

    def unknown(reason: str) -> Correlation:
        return Correlation(np.nan, np.nan, np.nan, points, reason, shown)

    if points < smallest_group:
        return unknown(f"fewer than {smallest_group} solutions")
    if not chosen.number:
        return unknown("no two solutions in a cell")
    if any(np.ptp(values) == 0 for values in coordinates):
        return unknown("all values are equal")
    once = np.ones((1, points))
    found = float(_taus(coordinates, once, chosen).item())
    if np.isnan(found):
        return unknown("what is held fixed fixes the order" if given is not None else "all values of a cell are equal")
    if given is not None and points < SMALLEST_PARTIAL:
        reason = f"fewer than {SMALLEST_PARTIAL} solutions, too few for an interval"
        return Correlation(found, np.nan, np.nan, points, reason, shown)
    resampled = bootstrap_tau(coordinates, resamples, rng, chosen)
    if resampled.size == 0 or np.ptp(resampled) == 0:
        return Correlation(found, np.nan, np.nan, points, "every resample gives the same tau", shown)
    low, high = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Correlation(found, float(low), float(high), points, "", shown)


def bootstrap_tau(
    coordinates: Sequence[Array], resamples: int, rng: np.random.Generator, chosen: Pairs | None = None
) -> Array:
    """Kendall's tau-b of bootstrap samples.

    Args:
        coordinates: two or three of shape (N,); with three the partial tau of the first two, the third held fixed.
        resamples: number of samples to draw.
        rng: source of the counts.
        chosen: pairs that count; None for all.

    Returns:
        Shape (at most `resamples`,): samples in which no tau is defined are dropped.
    """
    points = coordinates[0].size
    counts = rng.multinomial(points, np.full(points, 1 / points), size=resamples).astype(np.float64)
    taus = _taus(coordinates, counts, chosen or pairs(points))
    return taus[~np.isnan(taus)]


def _taus(coordinates: Sequence[Array], counts: Array, chosen: Pairs) -> Array:
    """Tau, or with three coordinates the partial one, of samples in which point i is drawn `counts[:, i]` times.

    Args:
        coordinates: two or three of shape (N,).
        counts: shape (samples, N).
        chosen: pairs that count.

    Returns:
        Shape (samples,), NaN where a denominator vanishes.
    """
    orders = [chosen.order(values) for values in coordinates]
    parts = (chosen.total(counts[part]) for part in blocks(len(counts), chosen))
    if len(orders) == 2:
        return np.concatenate([tau(orders[0], orders[1], one) for one in parts])
    return np.concatenate([partial(*taus_of(orders, one)) for one in parts])
