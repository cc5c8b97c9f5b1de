"""Largest rise of the loss found within an ellipsoid whose axes are the weights themselves (Kwon et al. 2021)."""

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
    radius: Annotated[float, Field(gt=0)] = 0.5,
    steps: Annotated[int, Field(ge=1)] = 20,
) -> Measured:
    """A lower bound of max dL(d), |d / w|_2 = radius, by normalised ascent from a random direction with falling steps.

    Args:
        solution: with a seed for the first direction.
        radius: length of d / w, entry by entry.
        steps: gradients.
    """
    parameters = solution.objective.parameters
    surroundings = Surroundings(solution.objective, parameters.double().abs())
    generator = torch.Generator().manual_seed(solution.seed)
    point = torch.randn(len(parameters), generator=generator, dtype=torch.float64).to(parameters.device)
    largest = 0.0
    for number in range(steps + 1):
        point = radius * point / point.norm()
        rise, slope = surroundings.excess(point)
        largest = max(largest, rise)
        point = point + radius * (1 - number / (steps + 1)) * slope / slope.norm().clamp(min=1e-300)
    return Measured(largest, gradients=steps + 1)
