"""The paper's log inverse volume with parameters in units of their norm |w|, free of the scale of the weights."""

import dataclasses
import math
from typing import Annotated

from pydantic import Field

from lossbasins.measures import log_inverse_volume
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
READS = ("spectrum",)
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "one factor on all parameters; permutations of hidden units; not rescalings of single layers"


def measure(solution: Solution, *, top: Annotated[int, Field(ge=1)] = 50) -> Measured:
    r"""The sum of :math:`\log \lambda_i |w|^2` over the `top` largest eigenvalues; free."""
    found = log_inverse_volume.measure(solution, top=top)
    norm = float(solution.objective.parameters.norm())
    return dataclasses.replace(found, value=found.value + 2 * top * math.log(norm))
