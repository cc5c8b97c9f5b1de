"""The mean training loss itself: L_S, a null that knows nothing of its surroundings."""

from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "permutations and rescalings of hidden units"


def measure(solution: Solution) -> Measured:
    """The mean cross-entropy; free."""
    return Measured(solution.objective.value)
