"""The training set, the attack set and the objective L_S + gamma L_A."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from lossbasins.data.tensors import Part


@dataclass(frozen=True)
class Problem:
    """What is minimised: L_S(w) + gamma L_A(w), both means of the cross-entropy (section 5.1)."""

    train: Part
    attack: Part | None
    attack_weight: float
    """gamma; without effect where there is no attack set."""


@dataclass(frozen=True)
class Batch:
    """Images of one step, first those of the training set."""

    inputs: Tensor
    labels: Tensor
    weights: Tensor
    """Of each image's cross-entropy in the step's objective: their weighted sum is L_S + gamma L_A of the batch."""
    trained: int
    """How many images are of the training set."""


def batches(
    problem: Problem, size: int, train_order: torch.Generator, attack_order: torch.Generator
) -> Iterator[list[Batch]]:
    """Endless epochs of batches: `size` images of each set per step, the training set once an epoch.

    The attack set is gone through in its own order, shuffled anew whenever it is used up; where it is smaller than
    `size`, every step takes all of it.

    Args:
        problem: the two sets.
        size: images of the training set per step; the last step of an epoch may have fewer.
        train_order: of the CPU; the order of the training set is drawn from it, the same with and without attack.
        attack_order: of the CPU, likewise.
    """
    attacks = _attack_indices(problem.attack, size, attack_order) if problem.attack else None
    count = len(problem.train.labels)
    while True:
        order = torch.split(torch.randperm(count, generator=train_order), size)
        yield [_batch(problem, chosen, next(attacks) if attacks else None) for chosen in order]


def _attack_indices(attack: Part, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    count = len(attack.labels)
    left = torch.empty(0, dtype=torch.int64)
    while True:
        if len(left) < min(size, count):
            left = torch.cat([left, torch.randperm(count, generator=generator)])
        yield left[:size] if size < count else left[:count]
        left = left[min(size, count) :]


def _batch(problem: Problem, chosen: Tensor, attacked: Tensor | None) -> Batch:
    train, attack = problem.train, problem.attack
    weights = torch.full((len(chosen),), 1 / len(chosen))
    if attack is None or attacked is None:
        return Batch(train.inputs[chosen], train.labels[chosen], weights.to(train.inputs), len(chosen))
    attack_weights = torch.full((len(attacked),), problem.attack_weight / len(attacked))
    return Batch(
        torch.cat([train.inputs[chosen], attack.inputs[attacked]]),
        torch.cat([train.labels[chosen], attack.labels[attacked]]),
        torch.cat([weights, attack_weights]).to(train.inputs),
        len(chosen),
    )
