"""Free energies of a solution by thermodynamic integration, in steps after each of which it can be saved."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossbasins.sampling.diagnostics import effective_samples, split_r_hat
from lossbasins.sampling.integration import cumulative_weights, integral
from lossbasins.sampling.trajectories import Excess, Position, Reference, trajectory
from lossbasins.sampling.weighting import weighted

Values = NDArray[np.float64]

FIRST_ANGLE = 0.2
"""Of a chain's first rotations, in radians, until it has been tuned."""

QUARTER = math.pi / 2
"""Length of a trajectory in radians, where its steps allow that: the Gaussian then forgets where it started."""

JITTER = 0.5
"""Share by which each trajectory's angle is drawn off the tuned one, so that none is stuck where that one fails."""

STEERING = 1.5
"""How strongly the angle answers to an acceptance that is too low or too high, at first."""

FADING = 0.6
"""Power of the number of trajectories with which the answer fades."""


@dataclass(frozen=True)
class Schedule:
    """What is sampled.

    Attributes:
        prior_scales: factors of the prior's variances, each sampled on its own.
        inverse_temperatures: b, ascending; the first is reached from the prior alone.
        prior_draws: of the prior, for each chain.
        burn_in: trajectories at each inverse temperature that tune the angle and are left out.
        draws: trajectories after them.
        longest: steps of a trajectory at most.
        acceptance: that the angle is tuned to.
    """

    prior_scales: tuple[float, ...]
    inverse_temperatures: tuple[float, ...]
    prior_draws: int
    burn_in: int
    draws: int
    longest: int
    acceptance: float


@dataclass(frozen=True)
class Landscape:
    """A solution in coordinates in which the prior of scale 1 is N(0, I).

    Attributes:
        excess: dL and its gradient.
        excess_alone: dL without a gradient.
        curvature: the largest eigenvalues of the Hessian of dL at the solution, shape (k,), not negative.
        vectors: their eigenvectors, shape (P, k).
    """

    excess: Excess
    excess_alone: Callable[[Tensor], float]
    curvature: Tensor
    vectors: Tensor


class Chain:
    """One chain through all inverse temperatures, up from the prior or down from the solution itself.

    Args:
        landscape: in which it runs.
        schedule: what it samples.
        scale: of the prior.
        upwards: where it starts.
        seed: of its draws.
    """

    def __init__(self, landscape: Landscape, schedule: Schedule, scale: float, *, upwards: bool, seed: int) -> None:
        self._landscape = landscape
        self._schedule = schedule
        self.scale = scale
        """Of the prior."""
        self._generator = torch.Generator().manual_seed(seed)
        rungs = list(range(1, len(schedule.inverse_temperatures)))
        self._rungs = rungs if upwards else rungs[::-1]
        self._angle = FIRST_ANGLE
        self._position: Position | None = None
        self._upwards = upwards
        self.gradients = 0
        self.forwards = 0
        self.prior: list[float] = []
        """dL at draws of the prior."""
        self.sampled: list[list[float]] = [[] for _ in schedule.inverse_temperatures]
        """dL at the draws, by inverse temperature; none at the first."""
        self.probabilities: list[list[float]] = [[] for _ in schedule.inverse_temperatures]
        """Of acceptance, of all trajectories."""

    @property
    def steps(self) -> int:
        """How many calls of `advance` a chain takes."""
        return self._schedule.prior_draws + len(self._rungs) * self._trajectories

    @property
    def done(self) -> int:
        """How many it has taken."""
        return len(self.prior) + sum(map(len, self.probabilities))

    @property
    def inverse_temperature(self) -> float:
        """Where it is."""
        return self._schedule.inverse_temperatures[self._rung]

    def advance(self) -> None:
        """One draw of the prior, or one trajectory."""
        if len(self.prior) < self._schedule.prior_draws:
            self.prior.append(self._landscape.excess_alone(self.scale**0.5 * self._normal()))
            self.forwards += 1
            return
        if self._position is None:
            self._position = self._first()
        rung, b = self._rung, self.inverse_temperature
        number = len(self.probabilities[rung])
        drawn = 1 + JITTER * (2 * float(torch.rand((), generator=self._generator)) - 1)
        steps = max(1, min(self._schedule.longest, round(QUARTER / self._angle)))
        reference = Reference(b * self.scale * self._landscape.curvature, self._landscape.vectors)
        self._position, probability = trajectory(
            self._position, self._excess, b, reference, min(drawn * self._angle, QUARTER), steps, self._generator
        )
        self.probabilities[rung].append(probability)
        if number < self._schedule.burn_in:
            answer = STEERING * (probability - self._schedule.acceptance) / (1 + number) ** FADING
            self._angle = min(QUARTER, self._angle * math.exp(answer))
        else:
            self.sampled[rung].append(self._position.excess)

    def state(self) -> dict[str, Any]:
        """All that `restore` needs to go on to the bit."""
        return {
            "generator": self._generator.get_state(),
            "angle": self._angle,
            "position": None if self._position is None else list(self._position),
            "gradients": self.gradients,
            "forwards": self.forwards,
            "prior": self.prior,
            "sampled": self.sampled,
            "probabilities": self.probabilities,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from where another chain of the same arguments stood."""
        self._generator.set_state(state["generator"])
        self._angle = state["angle"]
        self._position = None
        if state["position"] is not None:
            point, excess, gradient = state["position"]
            device = self._landscape.vectors.device
            self._position = Position(point.to(device), excess, gradient.to(device))
        self.gradients, self.forwards = state["gradients"], state["forwards"]
        self.prior, self.sampled, self.probabilities = state["prior"], state["sampled"], state["probabilities"]

    @property
    def _trajectories(self) -> int:
        return self._schedule.burn_in + self._schedule.draws

    @property
    def _rung(self) -> int:
        return next(
            (rung for rung in self._rungs if len(self.probabilities[rung]) < self._trajectories), self._rungs[-1]
        )

    def _first(self) -> Position:
        """The solution, or a draw of the prior at which the loss does not overflow, if one is found."""
        vectors = self._landscape.vectors
        if not self._upwards:
            return self._at(vectors.new_zeros(len(vectors)))
        position = self._at(self._normal())
        for _ in range(self._schedule.prior_draws):
            if math.isfinite(position.excess):
                break
            position = self._at(self._normal())
        return position

    def _normal(self) -> Tensor:
        vectors = self._landscape.vectors
        return torch.randn(len(vectors), generator=self._generator, dtype=vectors.dtype).to(vectors.device)

    def _at(self, point: Tensor) -> Position:
        return Position(point, *self._excess(point))

    def _excess(self, point: Tensor) -> tuple[float, Tensor]:
        self.gradients += 1
        root = self.scale**0.5
        value, gradient = self._landscape.excess(root * point)
        return value, root * gradient


class ThermodynamicIntegration:
    r"""The free energy F(b) = -log E exp(-b dL(d)), d from the prior, by F(b) = int_0^b E_b'[dL] db'.

    Up to the first inverse temperature the prior's own draws are weighted, which is exact: F(b_0) is minus the
    logarithm of the mean of exp(-b_0 dL). Beyond, two chains for each prior scale sample
    exp(-b dL) times the prior, one up from a draw of the prior and one down from the solution.

    Args:
        landscape: the solution.
        schedule: what is sampled.
        seed: of all draws.
    """

    def __init__(self, landscape: Landscape, schedule: Schedule, seed: int) -> None:
        self._schedule = schedule
        seeds = np.random.SeedSequence(seed).generate_state(2 * len(schedule.prior_scales), np.uint64)
        self._chains = [
            [
                Chain(landscape, schedule, scale, upwards=upwards, seed=int(seeds[2 * number + side]))
                for side, upwards in enumerate((True, False))
            ]
            for number, scale in enumerate(schedule.prior_scales)
        ]

    @property
    def share(self) -> float:
        """Of all steps that are done."""
        return sum(chain.done for chain in self._all) / sum(chain.steps for chain in self._all)

    def advance(self) -> Iterator[Chain]:
        """One step after another of one chain after another, until all are done."""
        for chain in self._all:
            while chain.done < chain.steps:
                chain.advance()
                yield chain

    def state(self) -> list[dict[str, Any]]:
        """All that `restore` needs."""
        return [chain.state() for chain in self._all]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Goes on, to the bit, from where another integration stood."""
        for chain, saved in zip(self._all, state, strict=True):
            chain.restore(saved)

    def result(self) -> dict[str, Values]:
        """What came out: s prior scales, two chains c, t inverse temperatures.

        Returns:
            `prior_scales` (s,), `inverse_temperatures` (t,); `excess_loss` E_b[dL] and `free_energy` F(b), with
            `excess_loss_error` and `free_energy_error`, (s, c, t); `acceptance` (s, c, t), 1 where the prior is
            weighted; `r_hat` and `effective_samples` of both chains together (s, t); `gradients` and `forwards` (s,).
        """
        b = np.array(self._schedule.inverse_temperatures)
        pairs = [[_chain_values(chain, self._schedule) for chain in pair] for pair in self._chains]
        means, errors, acceptance, first, first_error = (
            np.array([[values[i] for values in pair] for pair in pairs]) for i in range(5)
        )
        integrals, integral_errors = integral(cumulative_weights(b), means, errors)
        joined = [
            [np.stack(both) for both in zip(*(c.sampled[1:] for c in pair), strict=True)] for pair in self._chains
        ]
        priors = [weighted(np.concatenate([chain.prior for chain in pair]), b[0]) for pair in self._chains]
        return {
            "prior_scales": np.array(self._schedule.prior_scales),
            "inverse_temperatures": b,
            "excess_loss": means,
            "excess_loss_error": errors,
            "free_energy": first[..., None] + integrals,
            "free_energy_error": np.hypot(first_error[..., None], integral_errors),
            "acceptance": acceptance,
            "r_hat": np.array([[1.0, *map(split_r_hat, rungs)] for rungs in joined]),
            "effective_samples": np.array(
                [
                    [prior.effective_samples, *map(effective_samples, rungs)]
                    for prior, rungs in zip(priors, joined, strict=True)
                ]
            ),
            "gradients": np.array([sum(chain.gradients for chain in pair) for pair in self._chains]),
            "forwards": np.array([sum(chain.forwards for chain in pair) for pair in self._chains]),
        }

    @property
    def _all(self) -> list[Chain]:
        return [chain for pair in self._chains for chain in pair]


def _chain_values(chain: Chain, schedule: Schedule) -> tuple[Values, Values, Values, float, float]:
    """Means of dL, their errors and acceptances (t,), and F at the first inverse temperature with its error."""
    first = weighted(chain.prior, schedule.inverse_temperatures[0])
    sampled = np.array(chain.sampled[1:])
    errors = [float(np.std(draws, ddof=1)) / effective_samples(draws) ** 0.5 for draws in sampled]
    acceptance = [float(np.mean(probabilities[schedule.burn_in :])) for probabilities in chain.probabilities[1:]]
    return (
        np.array([first.mean, *sampled.mean(axis=1)]),
        np.array([first.mean_error, *errors]),
        np.array([1.0, *acceptance]),
        first.free_energy,
        first.free_energy_error,
    )
