"""Permutations of test accuracies within cells, and the p-values of what was found beside them (E9)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.reporting.multiplicity import p_values, permuted, step_down
from lossbasins.reporting.ordering import blocks, excess, pairs_within, taus_of
from lossbasins.reporting.ranking import Ranking, Solutions

Array = npt.NDArray[np.float64]


def under_permutation(solutions: Solutions, scores: Array) -> tuple[Array, Array]:
    """Tau of measure and accuracy within cells, and how far it is beyond what |w| explains, in other orders.

    Args:
        solutions: N of them.
        scores: shape (B, N): each row makes an order of the accuracies in each cell, as in
            `lossbasins.reporting.multiplicity.permuted`.

    Returns:
        Both of shape (B,).
    """
    chosen = pairs_within(solutions.cells)
    drawn = permuted(solutions.accuracy, solutions.cells, scores)
    measure, norm = chosen.order(solutions.values), chosen.order(solutions.norm)
    within, beyond = [], []
    for part in blocks(len(drawn), chosen):
        xy, xz, yz = taus_of((measure, chosen.order(drawn[part]), norm))
        within.append(xy)
        beyond.append(excess(xy, np.broadcast_to(xz, xy.shape), yz))
    return np.concatenate(within), np.concatenate(beyond)


class Permutations:
    """Accuracies permuted within cells, the same for all measures and protocols that have a solution."""

    def __init__(self, frame: pd.DataFrame, permutations: int, seed: int) -> None:
        self.identity = frame.groupby(["run", "replica"]).ngroup()
        solutions = int(self.identity.max()) + 1
        self.scores = np.random.default_rng([seed, *b"permutations"]).random((permutations, solutions))
        self.within: list[tuple[float, Array]] = []
        self.beyond: list[tuple[float, Array]] = []

    def add(self, shown: pd.DataFrame, compared: Solutions, found: Ranking) -> None:
        """Of one measure under one protocol: what was found, and its values under permutation."""
        within, beyond = under_permutation(compared, self.scores[:, self.identity[shown.index]])
        self.within.append((found.within.value, within))
        known = np.isfinite(found.beyond_norm.low)
        self.beyond.append((found.beyond_norm.value if known else np.nan, beyond))

    def alone(self) -> Array:
        """P of each measure and protocol by itself; NaN without a coefficient."""
        return np.array(
            [
                np.nan if np.isnan(value) else p_values(np.array([value]), np.nan_to_num(null)[:, None]).item()
                for value, null in self.within
            ]
        )

    def together(self, found: Sequence[tuple[float, Array]], members: npt.NDArray[np.bool_]) -> Array:
        """Corrected p of those members that have a coefficient; NaN of all others."""
        observed = np.array([value for value, _ in found])
        family = members & ~np.isnan(observed)
        result = np.full(observed.size, np.nan)
        if family.any():
            null = np.nan_to_num(np.column_stack([null for _, null in found])[:, family])
            result[family] = step_down(observed[family], null)
        return result
