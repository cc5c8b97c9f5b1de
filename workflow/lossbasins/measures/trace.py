"""Trace of the Hessian of the training loss, negative eigenvalues included."""

from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
READS = ("spectrum",)
SHARPER = "larger"
UNITS = "nats per squared parameter unit"
INVARIANT_UNDER = "permutations of hidden units"


def measure(solution: Solution) -> Measured:
    """From the spectrum; free."""
    return Measured(float(solution.arrays["spectrum"]["eigenvalues"].sum()))
