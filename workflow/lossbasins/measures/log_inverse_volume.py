"""Logarithm of a basin's inverse volume from the largest eigenvalues (equation 8, section 5.2): the paper's measure."""

from typing import Annotated

from pydantic import Field

from lossbasins.measures.solution import Measured, Solution
from lossbasins.volume import log_inverse_volume

PRECISION = "float64"
CHEAP = True
READS = ("spectrum",)
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "permutations of hidden units; not rescalings"


def measure(solution: Solution, *, top: Annotated[int, Field(ge=1)] = 50) -> Measured:
    """The sum of the logarithms of the `top` largest eigenvalues; free."""
    eigenvalues = solution.arrays["spectrum"]["eigenvalues"]
    try:
        return Measured(log_inverse_volume(eigenvalues, top))
    except ValueError as error:
        return Measured.missing(str(error))
