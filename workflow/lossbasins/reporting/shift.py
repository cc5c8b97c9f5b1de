"""How far one group of numbers lies beyond another, over all pairs."""

import itertools

import numpy as np
import numpy.typing as npt

from lossbasins.reporting.welch import Estimate

Array = npt.NDArray[np.float64]


def shift(first: Array, second: Array, confidence: float) -> Estimate:
    """The median of all differences, first minus second, with its exact interval (Hodges, Lehmann; Moses).

    The interval holds those shifts that Mann and Whitney's test does not reject. So it covers the true one with at
    least the confidence at every size, if the groups differ by a shift; errors of measurement are part of their spread.

    Args:
        first: shape (N,), finite.
        second: shape (M,), finite.
        confidence: between 0 and 1.

    Returns:
        NaN without a pair; no interval where the groups are so small that no ends reach the confidence.
    """
    if min(first.size, second.size) == 0:
        return Estimate(np.nan, np.nan, np.nan, "no pair")
    differences = np.sort(np.subtract.outer(first, second).ravel())
    value = float(np.median(differences))
    outside = np.cumsum(_mann_whitney(first.size, second.size))
    left_out = int(np.searchsorted(outside, (1 - confidence) / 2, side="right"))
    if not left_out:
        enough = next(each for each in itertools.count(1) if _mann_whitney(each, each)[0] <= (1 - confidence) / 2)
        few = f"{first.size} and {second.size} solutions, too few for {confidence:.0%}: {enough} of each would do"
        return Estimate(value, np.nan, np.nan, few)
    return Estimate(value, float(differences[left_out - 1]), float(differences[-left_out]))


def _mann_whitney(first: int, second: int) -> Array:
    """Probability that so many of the first * second pairs are in one order, if both are alike: from 0 to all."""
    pairs = first * second
    ways = np.zeros((first + 1, pairs + 1))
    ways[0, 0] = 1
    # Of the next place among first + second: the number of the second that lie below it.
    for place in range(1, first + second + 1):
        for chosen in range(min(place, first), 0, -1):
            below = place - chosen
            if below <= second:
                ways[chosen, below:] += ways[chosen - 1, : pairs + 1 - below]
    result: Array = ways[first] / ways[first].sum()
    return result
