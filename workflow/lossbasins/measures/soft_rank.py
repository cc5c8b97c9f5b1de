"""How many directions are bent: sum of l / (l + kappa) over positive eigenvalues l of the Hessian (MacKay 1992)."""

from typing import Annotated

import numpy as np
from pydantic import Field

from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
READS = ("spectrum",)
SHARPER = "larger"
UNITS = "directions"
INVARIANT_UNDER = "permutations of hidden units; not rescalings"


def measure(solution: Solution, *, kappa: Annotated[float, Field(gt=0)] = 0.001) -> Measured:
    """From the spectrum; `kappa` is the bend that counts one half, in nats per squared parameter unit."""
    positive = np.maximum(solution.arrays["spectrum"]["eigenvalues"], 0)
    return Measured(float((positive / (positive + kappa)).sum()))
