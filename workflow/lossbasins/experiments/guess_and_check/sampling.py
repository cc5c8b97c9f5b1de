r"""Probabilities under a standard normal prior, down to e^-100: guesses, and sequential Monte Carlo.

Sequential Monte Carlo (subset simulation, Au and Beck 2001; Cerou et al. 2012) writes P(score >= top) as a product over
rising levels. Particles that reach a level go on, copies of them replace the others, and all are moved about within the
level. A move (preconditioned Crank-Nicolson, Cotter et al. 2013) proposes :math:`\sqrt{1 - s^2}\, z + s\, \xi` with
:math:`\xi \sim N(0, I)`, which leaves the prior as it is, and is taken if the level still holds. The product of the
shares that reached each level estimates the probability, without bias where the levels are fixed beforehand.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

Score = Callable[[Tensor], Tensor]
"""From vectors (N, P) to numbers (N,)."""
BLOCK = 4096
"""Guesses at once."""
GAIN = 0.5
"""By how much a step's logarithm follows the share of moves that was taken."""


class Ladder(NamedTuple):
    """The levels to climb."""

    rungs: tuple[float, ...]
    """Fixed ones, rising."""
    top: float
    """The last; between the last rung and this, levels are chosen by what particles reach."""
    survivors: float
    """Share of the particles that are to reach a level that is so chosen."""


class Moves(NamedTuple):
    """How particles move about within a level."""

    number: int
    acceptance: float
    """Share of moves that the step is adapted to."""


class Sampler:
    """Particles that climb; each call of `advance` takes one level.

    Args:
        score: what is climbed.
        dimensions: number P of a vector's entries.
        particles: how many there are.
        ladder: levels.
        moves: within each of them.
        generator: all randomness is drawn from it, on its device.
    """

    def __init__(
        self,
        score: Score,
        dimensions: int,
        particles: int,
        ladder: Ladder,
        moves: Moves,
        generator: torch.Generator,
    ) -> None:
        self._score, self._ladder, self._moves, self._generator = score, ladder, moves, generator
        self.vectors = torch.randn(particles, dimensions, generator=generator, device=generator.device)
        """Shape (N, P): draws from the prior given that the level is reached."""
        self.scores = score(self.vectors)
        self.level = -math.inf
        self.log_probability = 0.0
        """Of reaching the level; minus infinity if no particle did."""
        self.step = 1.0
        """s of a move."""
        self.accepted = 1.0
        """Share of the last move's proposals that were taken."""

    @property
    def climbing(self) -> bool:
        """Whether there is a level left, and a particle."""
        return not self.died_out and self.level < self._ladder.top

    @property
    def died_out(self) -> bool:
        """Whether no particle reached the level."""
        return self.log_probability == -math.inf

    def advance(self) -> None:
        """Climbs to the next level, and moves about there."""
        self.level = self._next()
        alive = torch.nonzero(self.scores >= self.level)[:, 0]
        if not len(alive):
            self.log_probability = -math.inf
            return
        self.log_probability += math.log(len(alive) / len(self.scores))
        missing = len(self.scores) - len(alive)
        copied = torch.randint(len(alive), (missing,), generator=self._generator, device=self._generator.device)
        kept = torch.cat([alive, alive[copied]])
        self.vectors, self.scores = self.vectors[kept], self.scores[kept]
        for _ in range(self._moves.number):
            self._move()

    def state(self) -> dict[str, Any]:
        """All that `restore` needs to go on alike."""
        fields = ("vectors", "scores", "level", "log_probability", "step", "accepted")
        return {name: getattr(self, name) for name in fields} | {"generator": self._generator.get_state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from a state."""
        for name, value in state.items():
            if name == "generator":
                self._generator.set_state(value)
            else:
                setattr(self, name, value.to(self._generator.device) if isinstance(value, Tensor) else value)

    def _next(self) -> float:
        ladder = self._ladder
        if rungs := [rung for rung in ladder.rungs if rung > self.level]:
            return rungs[0]
        reached = int(len(self.scores) * ladder.survivors)
        chosen = float(self.scores.sort(descending=True).values[reached])
        if chosen > self.level:
            return min(ladder.top, chosen)
        # Copies that have not moved share one score, the level itself: whatever lies above them.
        above = self.scores[self.scores > self.level]
        return min(ladder.top, float(above.min())) if len(above) else ladder.top

    def _move(self) -> None:
        noise = torch.randn(self.vectors.shape, generator=self._generator, device=self._generator.device)
        proposals = noise.mul_(self.step).add_(self.vectors, alpha=math.sqrt(1 - self.step**2))
        scores = self._score(proposals)
        taken = scores >= self.level
        self.vectors[taken], self.scores[taken] = proposals[taken], scores[taken]
        self.accepted = float(taken.double().mean())
        self.step = min(1.0, self.step * math.exp(GAIN * (self.accepted - self._moves.acceptance)))


def guesses(
    score: Score, dimensions: int, level: float, most: int, enough: int, generator: torch.Generator
) -> tuple[Tensor, int]:
    """Draws from the prior that reach a level.

    Args:
        score: what has to be reached.
        dimensions: number P of a vector's entries.
        level: at or above which a draw is kept.
        most: draws at most.
        enough: once so many reach the level, no further block is drawn.
        generator: all randomness is drawn from it, on its device.

    Returns:
        Vectors (k, P), k from 0, and how many were drawn.
    """
    kept, drawn = [torch.empty(0, dimensions, device=generator.device)], 0
    while drawn < most and sum(map(len, kept)) < enough:
        size = min(BLOCK, most - drawn)
        vectors = torch.randn(size, dimensions, generator=generator, device=generator.device)
        kept.append(vectors[score(vectors) >= level])
        drawn += size
    return torch.cat(kept), drawn
