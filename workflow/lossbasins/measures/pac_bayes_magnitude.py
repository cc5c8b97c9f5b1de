"""PAC-Bayes flatness aware of magnitudes: 1 / s^2 where noise N(0, s^2 (w_i^2 + e^2)) costs a tenth of the accuracy."""

from typing import Annotated

from pydantic import Field

from lossbasins.measures.noise import inverse_variance
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float32"
CHEAP = True
SHARPER = "larger"
UNITS = "none"
INVARIANT_UNDER = "rescalings of hidden units, where weights are above e"

LEAST = 1e-3
"""The deviation e that a weight of zero gets."""


def measure(
    solution: Solution,
    *,
    drop: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    draws: Annotated[int, Field(ge=2)] = 10,
) -> Measured:
    """Noise in all parameters; larger where less of it is borne.

    Args:
        solution: with a seed for the draws, which are the same for every size of the noise.
        drop: of the mean training accuracy.
        draws: of the noise; the search takes some 15 times as many forward passes.
    """
    parameters = solution.objective.parameters
    deviations = (parameters.square() + LEAST**2).sqrt()
    inverse, error = inverse_variance(solution, deviations, drop, draws)
    return Measured(inverse, error)
