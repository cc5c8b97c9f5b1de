"""Volumes of {dL <= c} under a prior, by splitting into levels: a hard volume beside the soft one of free energies."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lossbasins.sampling.trajectories import Reference, inverse_temperature_at

FIRST_ANGLE = 0.5
"""Of a population's first moves, in radians."""

ACCEPTANCE = 0.4
"""That the angle is tuned to, where random walks in many dimensions do best or nearly so."""

STEERING = 0.5
"""How strongly the angle answers to the acceptance of one sweep over a population."""


@dataclass(frozen=True)
class Splitting:
    """How a population is moved through levels.

    Attributes:
        particles: in the population.
        share: that survives a level: at least one particle, and not all.
        moves: of every particle at each level.
        levels: at most.

    Raises:
        ValueError: the share is that of no particle, or of all.
    """

    particles: int
    share: float
    moves: int
    levels: int

    def __post_init__(self) -> None:
        """Checks the share."""
        if not 0 < self.survivors < self.particles:
            allowed = "a share that leaves one particle or more, and not all"
            raise ValueError(f"share: given {self.share} of {self.particles} particles; allowed: {allowed}")

    @property
    def survivors(self) -> int:
        """How many particles survive a level."""
        return round(self.share * self.particles)


class Population:
    r"""log P(dL(z) <= c), z from N(0, I), by subset simulation (Au and Beck 2001).

    Each level is a quantile of the population; survivors are doubled and moved by z' = cos(t) z + sin(t) y with y from
    N(0, C), which leaves that Gaussian as it is, and so are accepted by the ratio of N(0, I) to it, within the level
    (the conditional sampling of Papaioannou et al. 2015, in another metric). C narrows with the level.

    Args:
        excess: dL at a point (P,), infinite where the loss overflows.
        curvature: eigenvalues of the Hessian of dL, shape (k,), not negative.
        vectors: their eigenvectors, shape (P, k).
        target: c.
        splitting: how.
        seed: of all draws.
    """

    def __init__(
        self,
        excess: Callable[[Tensor], float],
        curvature: Tensor,
        vectors: Tensor,
        target: float,
        splitting: Splitting,
        seed: int,
    ) -> None:
        self._excess = excess
        self._curvature = curvature
        self._vectors = vectors
        self._target = target
        self._splitting = splitting
        self._generator = torch.Generator().manual_seed(seed)
        self._angle = FIRST_ANGLE
        self._points = torch.zeros(0, len(vectors), dtype=vectors.dtype)
        self._values = torch.zeros(0, dtype=torch.float64)
        self.log_probability = 0.0
        """Of the levels that are passed; once done, of the target."""
        self.level = math.inf
        """The present one."""
        self.levels = 0
        self.forwards = 0
        self.done = False
        self.reason = ""
        """Why it ended above its target; empty where it did not."""

    def advance(self) -> None:
        """One level."""
        if not len(self._points):
            flat = Reference(torch.zeros_like(self._curvature), self._vectors)
            self._points = torch.stack([flat.draw(self._generator) for _ in range(self._splitting.particles)])
            self._values = torch.tensor([self._at(point) for point in self._points], dtype=torch.float64)
            return
        order = self._values.argsort()
        level = float(self._values[order[self._splitting.survivors - 1]])
        if level <= self._target or self.levels == self._splitting.levels:
            reached = int((self._values <= self._target).sum())
            self.reason = "" if reached else f"no particle below {self._target:g} after {self.levels} levels"
            self.log_probability += math.log(reached / len(self._points)) if reached else -math.inf
            self.done = True
            return
        passed = int((self._values <= level).sum())
        self.log_probability += math.log(passed / len(self._points))
        self.level, self.levels = level, self.levels + 1
        copies = order[:passed][torch.arange(len(self._points)) % passed]
        self._points, self._values = self._points[copies], self._values[copies]
        reference = Reference(inverse_temperature_at(self.level, self._curvature) * self._curvature, self._vectors)
        for _ in range(self._splitting.moves):
            self._sweep(reference)

    def state(self) -> dict[str, Any]:
        """All that `restore` needs to go on to the bit."""
        names = ("log_probability", "level", "levels", "forwards", "done", "reason")
        return {
            "generator": self._generator.get_state(),
            "angle": self._angle,
            "points": self._points,
            "values": self._values,
            "said": {name: getattr(self, name) for name in names},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from where another population of the same arguments stood."""
        self._generator.set_state(state["generator"])
        self._angle = state["angle"]
        self._points, self._values = state["points"].to(self._vectors.device), state["values"]
        for name, value in state["said"].items():
            setattr(self, name, value)

    def _sweep(self, reference: Reference) -> None:
        accepted = 0
        cosine, sine = math.cos(self._angle), math.sin(self._angle)
        for number, point in enumerate(self._points):
            moved = cosine * point + sine * reference.draw(self._generator)
            odds = math.exp(min(0.0, reference.bending(moved) - reference.bending(point)))
            if float(torch.rand((), generator=self._generator, dtype=torch.float64)) < odds:
                value = self._at(moved)
                if value <= self.level:
                    self._points[number], self._values[number] = moved, value
                    accepted += 1
        answer = STEERING * (accepted / len(self._points) - ACCEPTANCE)
        self._angle = min(math.pi / 2, self._angle * math.exp(answer))

    def _at(self, point: Tensor) -> float:
        self.forwards += 1
        return self._excess(point)
