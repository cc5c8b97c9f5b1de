"""Free energy F(n) = -log E exp(-n dL(d)) under a prior with half of He's variances."""

from lossbasins.measures.integrated import free_energy
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float32"
READS = ("thermodynamic_integration",)
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "permutations of hidden units; the prior fixes the scale of each layer"


def measure(solution: Solution) -> Measured:
    """Minus the logarithm of the basin's volume, soft at dL = 1 / n; the cost is that of the arrays it reads."""
    return free_energy(solution, 0.5)
