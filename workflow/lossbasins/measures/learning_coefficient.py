"""Local learning coefficient b E_b[dL] at b = n / log n (Lau et al. 2308.12108), under a prior with He's variances."""

from lossbasins.measures.integrated import learning_coefficient
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float32"
READS = ("thermodynamic_integration",)
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "permutations of hidden units; the prior fixes the scale of each layer"


def measure(solution: Solution) -> Measured:
    """The slope of the free energy in log b: half the number of directions that the loss has bent at b."""
    return learning_coefficient(solution, 1.0)
