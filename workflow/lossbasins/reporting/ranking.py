"""How a measure orders solutions beside a null: coefficients with intervals from one set of resamples."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lossbasins.reporting.correlation import SMALLEST_PARTIAL
from lossbasins.reporting.ordering import Pairs, blocks, excess, pairs, pairs_within, partial, tau, taus_of
from lossbasins.reporting.welch import Estimate

Array = npt.NDArray[np.float64]

SMALLEST_DIFFERENCE = 8
"""Fewer solutions than this get no interval of a difference of two coefficients: at 5 it would miss in a fifth of cases
(benchmarks/intervals.py)."""
SMALLEST_PARTIAL_PAIRS = 78
"""Fewer pairs within groups than this get no interval of a partial coefficient (benchmarks/intervals.py)."""


@dataclass(frozen=True)
class Solutions:
    """What is compared: each of shape (N,) and finite."""

    values: Array
    """Of the measure."""
    errors: Array
    """Their standard errors, 0 where exact."""
    accuracy: Array
    """On the test set."""
    norm: Array
    """|w|, the null."""
    loss: Array
    """L_S."""
    cells: npt.NDArray[np.int_]
    """Group that a solution is compared within."""


@dataclass(frozen=True)
class Ranking:
    """Coefficients of a measure with test accuracy, NaN with a reason where they cannot be said."""

    overall: Estimate
    """Kendall's tau-b."""
    within: Estimate
    """The same over pairs of one cell, pooled."""
    given_loss: Estimate
    """Partial, L_S held fixed."""
    given_norm: Estimate
    """Partial, |w| held fixed."""
    beyond_norm: Estimate
    """Within cells, beyond what |w| explains: `lossbasins.reporting.ordering.excess`."""
    difference: Estimate
    """`overall` less that of |w|."""


def ranking(
    solutions: Solutions, *, resamples: int, confidence: float, smallest_group: int, rng: np.random.Generator
) -> Ranking:
    """All coefficients, with percentile intervals of resamples that they share.

    Solutions are drawn with replacement; each has a starting seed of its own, so that this resamples starts too. In
    every resample the measure is drawn anew from a normal distribution with its own standard errors, which widens the
    interval by what is not known of it, and pulls it towards zero by a little. Pairs of a solution with itself do not
    count.

    Args:
        solutions: N of them.
        resamples: number of bootstrap samples.
        confidence: of the intervals, between 0 and 1.
        smallest_group: fewer solutions than this get no coefficient.
        rng: source of the resamples.
    """
    if reason := _unrankable(solutions, smallest_group):
        return Ranking(*[_unknown(reason)] * 6)
    number = solutions.values.size
    every, within = pairs(number), pairs_within(solutions.cells)
    drawn = _Resamples(solutions, resamples, confidence, rng)

    def of(given: Array, combined: Combined = partial) -> Coefficient:
        def coefficient(chosen: Pairs, values: Array, times: Array) -> Array:
            orders = chosen.order(values), chosen.order(solutions.accuracy), chosen.order(given)
            return combined(*taus_of(orders, chosen.total(times)))

        return coefficient

    def beside_norm(chosen: Pairs, values: Array, times: Array) -> Array:
        norm, accuracy = chosen.order(solutions.norm), chosen.order(solutions.accuracy)
        return drawn.plain(chosen, values, times) - tau(norm, accuracy, chosen.total(times))

    few = _few(number, SMALLEST_PARTIAL, "solutions")
    return Ranking(
        overall=drawn.estimate(every, drawn.plain),
        within=drawn.estimate(within, drawn.plain),
        given_loss=drawn.estimate(every, of(solutions.loss), few),
        given_norm=drawn.estimate(every, of(solutions.norm), few),
        beyond_norm=drawn.estimate(within, of(solutions.norm, excess), _few_pairs(within.number, number)),
        difference=drawn.estimate(every, beside_norm, _few(number, SMALLEST_DIFFERENCE, "solutions")),
    )


def overall(
    solutions: Solutions, *, resamples: int, confidence: float, smallest_group: int, rng: np.random.Generator
) -> Estimate:
    """The first coefficient of `ranking` alone, whose arguments it takes."""
    if reason := _unrankable(solutions, smallest_group):
        return _unknown(reason)
    drawn = _Resamples(solutions, resamples, confidence, rng)
    return drawn.estimate(pairs(solutions.values.size), drawn.plain)


class _Resamples:
    """Solutions drawn with replacement, and their measures drawn anew."""

    def __init__(self, solutions: Solutions, resamples: int, confidence: float, rng: np.random.Generator) -> None:
        number = solutions.values.size
        self.solutions = solutions
        self.confidence = confidence
        self.counts = rng.multinomial(number, np.full(number, 1 / number), size=resamples).astype(np.float64)
        self.exact = not solutions.errors.any()
        self.values = solutions.values + solutions.errors * rng.standard_normal((resamples, number))

    def plain(self, chosen: Pairs, values: Array, times: Array) -> Array:
        """Tau of accuracy and values (N,) or (B, N), each solution drawn `times` (B, N)."""
        return tau(chosen.order(values), chosen.order(self.solutions.accuracy), chosen.total(times))

    def estimate(self, chosen: Pairs, coefficient: "Coefficient", few: str = "") -> Estimate:
        """A coefficient of these pairs with its interval; without, if `few` says why."""
        if not chosen.number:
            return _unknown("no two solutions in a cell")
        values = self.solutions.values
        value = coefficient(chosen, values, np.ones((1, values.size))).item()
        parts = [
            coefficient(chosen, values if self.exact else self.values[one], self.counts[one])
            for one in blocks(len(self.counts), chosen)
        ]
        return _interval(value, np.concatenate(parts), self.confidence, few)


Coefficient = Callable[[Pairs, Array, Array], Array]
"""Of values (N,) or (B, N) and how often each solution is drawn (B, N), over pairs: shape (B,)."""
Combined = Callable[[Array, Array, Array], Array]
"""`partial` or `excess`."""


def _unrankable(solutions: Solutions, smallest_group: int) -> str:
    if solutions.values.size < smallest_group:
        return f"fewer than {smallest_group} solutions"
    equal = np.ptp(solutions.values) == 0 or np.ptp(solutions.accuracy) == 0
    return "all values are equal" if equal else ""


def _few(number: int, smallest: int, what: str) -> str:
    return f"fewer than {smallest} {what}, too few for an interval" if number < smallest else ""


def _few_pairs(within: int, solutions: int) -> str:
    """Pairs of cells that all grow alike grow as the square of their solutions."""
    few = _few(within, SMALLEST_PARTIAL_PAIRS, "pairs within cells")
    if not few or not within:
        return few
    return f"{few}: about {math.ceil(solutions * math.sqrt(SMALLEST_PARTIAL_PAIRS / within))} solutions have so many"


def _interval(value: float, resampled: Array, confidence: float, few: str) -> Estimate:
    if np.isnan(value):
        return _unknown("an order is fixed, by ties or by what is held fixed")
    if few:
        return Estimate(value, np.nan, np.nan, few)
    known = resampled[~np.isnan(resampled)]
    if known.size == 0 or np.ptp(known) == 0:
        return Estimate(value, np.nan, np.nan, "every resample gives the same")
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(value, float(low), float(high))


def _unknown(reason: str) -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, reason)
