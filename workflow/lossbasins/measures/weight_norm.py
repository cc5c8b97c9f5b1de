"""Length of the parameter vector: |w|, a null that knows nothing of the loss."""

from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
SHARPER = "larger"
UNITS = "of parameters"
INVARIANT_UNDER = "permutations of hidden units"


def measure(solution: Solution) -> Measured:
    """Euclidean; free."""
    return Measured(float(solution.objective.parameters.norm()))
