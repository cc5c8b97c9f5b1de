"""How far a solution is from a stationary point: |grad L_S|, a null."""

from lossbasins.curvature.autodiff import gradient_at
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
SHARPER = "larger"
UNITS = "nats per parameter unit"
INVARIANT_UNDER = "permutations of hidden units"

CHUNK = 128
"""Images at a time: few enough to stay in a processor's cache."""


def measure(solution: Solution) -> Measured:
    """Euclidean; one gradient."""
    objective = solution.objective
    return Measured(float(gradient_at(objective, objective.parameters, CHUNK).norm()), gradients=1)
