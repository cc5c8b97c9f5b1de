"""PAC-Bayes flatness 1 / s^2, where noise N(0, s^2) costs a tenth of the training accuracy (Jiang et al. 2020)."""

from typing import Annotated

import torch
from pydantic import Field

from lossbasins.measures.noise import inverse_variance
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float32"
CHEAP = True
SHARPER = "larger"
UNITS = "per squared parameter unit"
INVARIANT_UNDER = "permutations of hidden units; not rescalings"


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
    deviations = torch.ones_like(parameters)
    inverse, error = inverse_variance(solution, deviations, drop, draws)
    return Measured(inverse, error)
