"""Minus the logarithm of the prior's share of {dL <= c} that straight rays see: a bound, never the volume."""

from typing import Annotated

from pydantic import Field

from lossbasins.measures.integrated import EFFECTIVE_SAMPLES
from lossbasins.measures.solution import Measured, Solution
from lossbasins.measures.surroundings import landscape_below
from lossbasins.sampling import star
from lossbasins.sampling.prior import prior_variances

PRECISION = "float32"
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "permutations of hidden units; the prior fixes the scale of each layer"
RESOURCES = {"gpu": 1, "mem_mb": 4000, "runtime": 60}


def measure(
    solution: Solution,
    *,
    level: Annotated[float, Field(gt=0)] = 0.02,
    prior_scale: Annotated[float, Field(gt=0)] = 1.0,
    bias_variance: Annotated[float, Field(gt=0)] = 0.01,
    directions: Annotated[int, Field(ge=10)] = 60,
) -> Measured:
    """-log P of the star-shaped part of {dL(d) <= c}: at least that of the whole (Scherlis and Belrose 2025).

    Args:
        solution: with a seed of its own.
        level: c, in nats.
        prior_scale: factor of the prior's variances.
        bias_variance: of biases.
        directions: rays, some 15 forward passes each.

    Returns:
        The bound; missing where fewer than `EFFECTIVE_SAMPLES` rays have the weight, since its error is unknown there.
    """
    landscape = landscape_below(solution, level, prior_scale * prior_variances(solution.model, bias_variance))
    found = star.star_volume(
        landscape.excess_alone, landscape.curvature, landscape.vectors, level, directions, solution.seed
    )
    if found.effective_directions < EFFECTIVE_SAMPLES:
        return Measured.missing(f"{found.effective_directions:.3g} of {directions} rays have the weight")
    return Measured(-found.log_probability, found.error)
