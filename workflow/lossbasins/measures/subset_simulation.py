"""Minus the logarithm of the prior's share of {dL <= c}, by subset simulation: a check of free energies."""

import math
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from lossbasins.measures.solution import Measured, Solution
from lossbasins.measures.surroundings import landscape_below
from lossbasins.sampling.prior import prior_variances
from lossbasins.sampling.subset import Population, Splitting

PRECISION = "float32"
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "permutations of hidden units; the prior fixes the scale of each layer"
RESOURCES = {"gpu": 1, "mem_mb": 8000, "runtime": 240}


def measure(
    solution: Solution,
    *,
    level: Annotated[float, Field(gt=0)] = 0.02,
    prior_scale: Annotated[float, Field(gt=0)] = 1.0,
    bias_variance: Annotated[float, Field(gt=0)] = 0.01,
    populations: Annotated[int, Field(ge=2)] = 2,
    particles: Annotated[int, Field(ge=20)] = 200,
    share: Annotated[float, Field(ge=0.05, le=0.9)] = 0.2,
    moves: Annotated[int, Field(ge=1)] = 5,
    levels: Annotated[int, Field(ge=1)] = 100,
) -> Measured:
    """-log P(dL(d) <= c), d from the prior of `thermodynamic_integration`.

    Args:
        solution: with a seed of its own.
        level: c, in nats.
        prior_scale: factor of the prior's variances.
        bias_variance: of biases.
        populations: independent ones, whose scatter is the error.
        particles: of each.
        share: that survives a level.
        moves: of every particle at each level, a forward pass each at most.
        levels: at most.
    """
    landscape = landscape_below(solution, level, prior_scale * prior_variances(solution.model, bias_variance))
    seeds = np.random.SeedSequence(solution.seed).generate_state(populations, np.uint64)
    found = [
        Population(
            landscape.excess_alone,
            landscape.curvature,
            landscape.vectors,
            level,
            Splitting(particles, share, moves, levels),
            int(seed),
        )
        for seed in seeds
    ]

    def state() -> list[dict[str, Any]]:
        return [one.state() for one in found]

    for one, saved in zip(found, solution.progress.state or [], strict=False):
        one.restore(saved)
    for number, one in enumerate(found):
        while not one.done:
            one.advance()
            solution.progress.keep(
                f"population {number + 1}/{populations}, dL {one.level:.3g}", number / populations, state
            )
    values = np.array([-one.log_probability for one in found])
    reasons = [one.reason for one in found if one.reason]
    if reasons:
        return Measured.missing(reasons[0])
    return Measured(float(values.mean()), float(values.std(ddof=1)) / math.sqrt(populations))
