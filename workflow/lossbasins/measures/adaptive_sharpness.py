"""Mean rise of the loss where each weight moves by a share of itself (Kwon et al. 2021; Andriushchenko et al. 2023)."""

from typing import Annotated

import torch
from pydantic import Field

from lossbasins.measures.solution import Measured, Solution
from lossbasins.measures.surroundings import Surroundings

PRECISION = "float32"
CHEAP = True
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "rescalings of hidden units"


def measure(
    solution: Solution,
    *,
    radius: Annotated[float, Field(gt=0)] = 0.1,
    draws: Annotated[int, Field(ge=4)] = 100,
) -> Measured:
    """E[dL(d)], d_i from N(0, radius^2 w_i^2); to second order radius^2 / 2 times the sum of H_ii w_i^2.

    Args:
        solution: with a seed for the draws.
        radius: share of each parameter, its standard deviation.
        draws: forward passes; half of them go against the other half, so that the gradient cancels.
    """
    parameters = solution.objective.parameters
    surroundings = Surroundings(solution.objective, radius * parameters.double().abs())
    generator = torch.Generator().manual_seed(solution.seed)
    points = torch.randn(draws // 2, len(parameters), generator=generator, dtype=torch.float64).to(parameters.device)
    rises = torch.tensor(
        [(surroundings.excess_alone(point) + surroundings.excess_alone(-point)) / 2 for point in points],
        dtype=torch.float64,
    )
    return Measured(float(rises.mean()), float(rises.std() / len(rises) ** 0.5))
