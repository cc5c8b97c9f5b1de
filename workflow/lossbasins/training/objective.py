"""The training set, the attack set and the objective L_S + gamma L_A."""

from dataclasses import dataclass
from functools import cached_property

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

    @property
    def trained(self) -> int:
        """Number of training images."""
        return len(self.train.labels)

    @property
    def attacked(self) -> int:
        """Number of attack images."""
        return len(self.attack.labels) if self.attack else 0

    @cached_property
    def images(self) -> Part:
        """The training set, then the attack set."""
        if self.attack is None:
            return self.train
        inputs = torch.cat([self.train.inputs, self.attack.inputs])
        return Part(inputs, torch.cat([self.train.labels, self.attack.labels]))

    def weights(self, trained: int, attacked: int, losses: Tensor) -> Tensor:
        """Of each image's cross-entropy in a step, so that their weighted sum is L_S + gamma L_A of its images.

        Args:
            trained: number of training images, which come first.
            attacked: number of attack images.
            losses: whose dtype and device they have.
        """
        weights = torch.full((trained + attacked,), 1 / trained, dtype=losses.dtype)
        if attacked:
            weights[trained:] = self.attack_weight / attacked
        return weights.to(losses.device)
