"""Evidence: what a table says of a claim, as a number with an interval.

The module `evidence` of an experiment has a function for each of its claims, from the claim's table and the confidence
of intervals that are computed there to a list of `Evidence`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Evidence:
    """What was measured of a claim in one place."""

    where: str
    """Model, case, protocol or pair of minima; empty if there is but one."""
    value: float
    low: float
    high: float
    interval: str
    """What its ends are, or why they are missing."""
    solutions: int = 0
    """What it was measured on: solutions, runs or starts."""
    narrows: float = 0.0
    """The interval narrows as their number to the power of minus this; 0 where it does not, as the spread of pairs."""
    ratio: bool = False
    """Whether it is the logarithm whose interval narrows so."""
    smallest: int | None = None
    """Fitted solutions in the smallest group that is compared; None where none is counted."""


ROOT = 0.5
"""How intervals of means and ranks narrow."""
ALONE = "one solution is in all pairs; two of each kind have a spread"
"""Why a spread over pairs is missing."""
Gather = Callable[[pd.DataFrame, float], list[Evidence]]
"""From a claim's table and a confidence between 0 and 1."""


def of_pairs(where: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Evidence:
    """The median of what was found in all pairs, between the least and the largest; of shape (N, M).

    Where one solution is in all pairs they show no spread.
    """
    number = sum(values.shape)
    if not values.size:
        return Evidence(where, np.nan, np.nan, np.nan, "no pair", number)
    if min(values.shape) == 1:
        return Evidence(where, float(np.median(values)), np.nan, np.nan, ALONE, number)
    return Evidence(where, float(np.median(values)), float(values.min()), float(values.max()), "all pairs", number)


def exact(where: str, value: float) -> Evidence:
    """A number without an error: the largest of all."""
    return Evidence(where, value, value, value, "largest of all")
