"""Which images each step takes."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lossbasins.training.objective import Problem


class Order:
    """Positions of a set, in passes that are shuffled anew whenever one is used up."""

    def __init__(self, count: int, stream: np.random.SeedSequence) -> None:
        self._count = count
        self._generator = generator_of(stream)
        self._left = torch.empty(0, dtype=torch.int64)

    def take(self, size: int) -> Tensor:
        """The next positions, at most the whole set: int64, shape (size,)."""
        if len(self._left) < size:
            self._left = torch.cat([self._left, torch.randperm(self._count, generator=self._generator)])
        taken, self._left = self._left[:size], self._left[size:]
        return taken

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {"generator": self._generator.get_state(), "left": self._left}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from where another order stood."""
        self._generator.set_state(state["generator"])
        self._left = state["left"]


class StepOrder:
    """The images of one replica's steps: the training set once an epoch, and as many of the attack set.

    Where the attack set is smaller than a batch, every step takes all of it. The order of each set is drawn from a
    stream of its own, so that the one of the training set is the same with and without attack.

    Args:
        problem: the two sets.
        batch: images of the training set per step, or `full`; the last step of an epoch may have fewer.
        train_stream: of the training set's order.
        attack_stream: of the attack set's order.
    """

    def __init__(
        self,
        problem: Problem,
        batch: int | str,
        train_stream: np.random.SeedSequence,
        attack_stream: np.random.SeedSequence,
    ) -> None:
        self._sizes = step_sizes(problem, batch)
        self._train = Order(problem.trained, train_stream)
        self._attack = Order(problem.attacked, attack_stream)
        self._trained = problem.trained

    def epoch(self) -> Tensor:
        """Positions in `Problem.images`, step after step, each with its training images first."""
        train = torch.split(self._train.take(self._trained), [trained for trained, _ in self._sizes])
        pieces = []
        for part, (_, attacked) in zip(train, self._sizes, strict=True):
            pieces += [part, self._trained + self._attack.take(attacked)]
        return torch.cat(pieces)

    def state(self) -> list[dict[str, Any]]:
        """What `restore` takes."""
        return [self._train.state(), self._attack.state()]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Goes on from where another order stood."""
        for order, saved in zip((self._train, self._attack), state, strict=True):
            order.restore(saved)


def generator_of(stream: np.random.SeedSequence) -> torch.Generator:
    """Torch's generator, on the CPU, of a seed stream."""
    return torch.Generator().manual_seed(int(stream.generate_state(1, np.uint64)[0]))


def step_sizes(problem: Problem, batch: int | str) -> list[tuple[int, int]]:
    """Training and attack images of each step of an epoch."""
    size = problem.trained if batch == "full" else int(batch)
    attacked = problem.attacked if batch == "full" else min(size, problem.attacked)
    return [(min(size, problem.trained - start), attacked) for start in range(0, problem.trained, size)]
