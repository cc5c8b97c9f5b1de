"""Free energies of a basin under a prior, by thermodynamic integration: a volume that needs no quadratic."""

from typing import Annotated

import numpy as np
from pydantic import Field

from lossbasins.measures.solution import Arrays, Solution
from lossbasins.measures.surroundings import Surroundings
from lossbasins.sampling.prior import prior_variances
from lossbasins.sampling.thermodynamic import Schedule, ThermodynamicIntegration

PRECISION = "float32"
ARRAYS = (
    "prior_scales",
    "inverse_temperatures",
    "excess_loss",
    "excess_loss_error",
    "free_energy",
    "free_energy_error",
    "acceptance",
    "r_hat",
    "effective_samples",
    "gradients",
    "forwards",
)
RESOURCES = {"gpu": 1, "mem_mb": 8000, "runtime": 240}

LEAST_BENDING = 0.05
"""Eigenvalues of b Sigma^1/2 H Sigma^1/2 below which a direction is left to the prior."""


def measure(
    solution: Solution,
    *,
    prior_scales: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)] = (0.5, 1.0, 2.0),
    bias_variance: Annotated[float, Field(gt=0)] = 0.01,
    smallest: Annotated[float, Field(gt=0, lt=1)] = 0.2,
    temperatures: Annotated[int, Field(ge=4)] = 7,
    prior_draws: Annotated[int, Field(ge=10)] = 100,
    burn_in: Annotated[int, Field(ge=1)] = 16,
    draws: Annotated[int, Field(ge=8)] = 120,
    longest: Annotated[int, Field(ge=1)] = 14,
    acceptance: Annotated[float, Field(gt=0, lt=1)] = 0.8,
) -> Arrays:
    r"""F(b) = -log E exp(-b dL(d)) with d from N(0, Sigma), at inverse temperatures b up to the number of images n.

    Sigma is one prior for all solutions of an architecture, centred at each: the variances of He's initialisation,
    times a scale. F(b) is the integral of E_b[dL], the mean of dL under Sigma's density times exp(-b dL).

    Args:
        solution: with a seed of its own.
        prior_scales: factors of the prior's variances; numbers are read at 1/2, 1 and 2.
        bias_variance: of biases, which He's initialisation leaves at zero.
        smallest: inverse temperature, the first of a geometric sequence that ends at n; the prior's draws reach it.
        temperatures: in that sequence.
        prior_draws: of each chain.
        burn_in: trajectories of each chain at each inverse temperature that tune the step and are left out.
        draws: trajectories after them.
        longest: steps of a trajectory at most.
        acceptance: that the step is tuned to; with one step to a trajectory 0.57 is best.

    Returns:
        As `ThermodynamicIntegration.result` has it, in nats.
    """
    objective = solution.objective
    deviations = prior_variances(solution.model, bias_variance).sqrt()
    images = objective.samples
    schedule = Schedule(
        prior_scales=tuple(prior_scales),
        inverse_temperatures=tuple(np.geomspace(smallest, images, temperatures).tolist()),
        prior_draws=prior_draws,
        burn_in=burn_in,
        draws=draws,
        longest=longest,
        acceptance=acceptance,
    )
    landscape = Surroundings(objective, deviations).landscape(LEAST_BENDING / (images * max(prior_scales)))
    integration = ThermodynamicIntegration(landscape, schedule, solution.seed)
    if solution.progress.state is not None:
        integration.restore(solution.progress.state)
    for chain in integration.advance():
        solution.progress.keep(
            f"prior scale {chain.scale:g}, inverse temperature {chain.inverse_temperature:.3g}",
            integration.share,
            integration.state,
        )
    return integration.result()
