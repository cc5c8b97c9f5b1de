"""All eigenvalues of the Hessian of the training loss (section 5.2), ascending."""

from lossbasins.curvature.spectrum import spectrum
from lossbasins.measures.solution import Arrays, Solution

PRECISION = "float64"
ARRAYS = ("eigenvalues",)
RESOURCES = {"gpu": 1, "mem_mb": 16000, "runtime": 60}


def measure(solution: Solution) -> Arrays:
    """`eigenvalues`, shape (P,), in loss units per squared parameter unit; in float32 small ones drown in rounding."""
    return {"eigenvalues": spectrum(solution.objective).eigenvalues}
