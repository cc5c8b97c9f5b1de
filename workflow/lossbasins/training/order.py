"""Which images each step takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lossbasins.training.objective import Problem


class Orders:
    """Positions of a set for many replicas, in passes that are shuffled anew whenever one is used up.

    Replicas draw from streams of their own, so that none depends on which others there are.
    """

    def __init__(self, count: int, streams: Sequence[np.random.SeedSequence]) -> None:
        self._count = count
        self._generators = [generator_of(stream) for stream in streams]
        self._left = torch.empty(len(streams), 0, dtype=torch.int64)

    def take(self, size: int) -> Tensor:
        """The next positions, at most the whole set: int64, shape (R, size)."""
        if self._left.shape[1] < size:
            self._left = torch.cat([self._left, self._shuffled()], dim=1)
        taken, self._left = self._left[:, :size], self._left[:, size:]
        return taken

    def keep(self, positions: list[int]) -> None:
        """Drops all other replicas."""
        self._generators = [self._generators[position] for position in positions]
        self._left = self._left[positions]

    def state(self) -> dict[str, Any]:
        """What `restore` takes, a row for each replica."""
        return {"generators": [generator.get_state() for generator in self._generators], "left": self._left}

    def restore(self, state: dict[str, Any], positions: list[int]) -> None:
        """Goes on from where others stood: rows of a state."""
        for generator, position in zip(self._generators, positions, strict=True):
            generator.set_state(state["generators"][position])
        self._left = state["left"][positions]

    def _shuffled(self) -> Tensor:
        drawn = torch.empty(len(self._generators), self._count, dtype=torch.int64)
        for row, generator in zip(drawn, self._generators, strict=True):
            torch.randperm(self._count, generator=generator, out=row)
        return drawn


class StepOrders:
    """The images of all replicas' steps: the training set once an epoch, and as many of the attack set.

    Where the attack set is smaller than a batch, every step takes all of it. The order of each set is drawn from a
    stream of its own, so that the one of the training set is the same with and without attack.

    Args:
        problem: the two sets.
        batch: images of the training set per step, or `full`; the last step of an epoch may have fewer.
        train_streams: of the training set's order, one for each replica.
        attack_streams: of the attack set's order, likewise.
    """

    def __init__(
        self,
        problem: Problem,
        batch: int | str,
        train_streams: Sequence[np.random.SeedSequence],
        attack_streams: Sequence[np.random.SeedSequence],
    ) -> None:
        self._sizes = step_sizes(problem, batch)
        self._train = Orders(problem.trained, train_streams)
        self._attack = Orders(problem.attacked, attack_streams)
        self._trained = problem.trained

    def epoch(self) -> Tensor:
        """Positions in `Problem.images`, shape (R, images), step after step, each with its training images first."""
        train = torch.split(self._train.take(self._trained), [trained for trained, _ in self._sizes], dim=1)
        pieces = []
        for part, (_, attacked) in zip(train, self._sizes, strict=True):
            pieces += [part, self._trained + self._attack.take(attacked)]
        return torch.cat(pieces, dim=1)

    def keep(self, positions: list[int]) -> None:
        """Drops all other replicas."""
        self._train.keep(positions)
        self._attack.keep(positions)

    def state(self) -> list[dict[str, Any]]:
        """What `restore` takes."""
        return [self._train.state(), self._attack.state()]

    def restore(self, state: list[dict[str, Any]], positions: list[int]) -> None:
        """Goes on from where others stood: rows of a state."""
        for order, saved in zip((self._train, self._attack), state, strict=True):
            order.restore(saved, positions)


def generator_of(stream: np.random.SeedSequence) -> torch.Generator:
    """Torch's generator, on the CPU, of a seed stream."""
    return torch.Generator().manual_seed(int(stream.generate_state(1, np.uint64)[0]))


def step_sizes(problem: Problem, batch: int | str) -> list[tuple[int, int]]:
    """Training and attack images of each step of an epoch."""
    size = problem.trained if batch == "full" else int(batch)
    attacked = problem.attacked if batch == "full" else min(size, problem.attacked)
    return [(min(size, problem.trained - start), attacked) for start in range(0, problem.trained, size)]
