"""Trace of the Gauss-Newton matrix, which is the Fisher information of the training inputs."""

from lossbasins.curvature.hessian import ggn_matrix
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
SHARPER = "larger"
UNITS = "nats per squared parameter unit"
INVARIANT_UNDER = "permutations of hidden units"


def measure(solution: Solution) -> Measured:
    """Exact, from the matrix; some seconds for a few thousand parameters."""
    return Measured(float(ggn_matrix(solution.objective).trace()))
