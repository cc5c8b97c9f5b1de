"""Binary cross-entropy of logits, with derivatives that stay exact when the loss is tiny."""

import torch
import torch.nn.functional as F
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature.losses.base import Loss


class BinaryCrossEntropy(Loss):
    """Mean over samples and outputs, equal to `torch.nn.BCEWithLogitsLoss`.

    Args:
        weight: of each output of a sample, or None for ones; it broadcasts to them.
        positive: weight of the positive targets, likewise.
    """

    name = "binary_cross_entropy"

    def __init__(self, weight: Tensor | None = None, positive: Tensor | None = None) -> None:
        for tensor in (weight, positive):
            if tensor is not None and not bool((tensor >= 0).all()):
                raise ValueError("weight and pos_weight of BCEWithLogitsLoss must not be negative")
        self._weight, self._positive = weight, positive

    @override
    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """Outputs and targets of one shape and dtype, targets from 0 to 1, weights alike for all samples."""
        if targets.dtype != outputs.dtype or targets.shape != outputs.shape:
            raise TypeError(
                f"{self.name} needs targets like the model's outputs, {outputs.dtype} of shape {tuple(outputs.shape)}; "
                f"they are {targets.dtype} of shape {tuple(targets.shape)}"
            )
        if not bool(((targets >= 0) & (targets <= 1)).all()):
            raise ValueError(
                f"targets run from {float(targets.min()):g} to {float(targets.max()):g}, "
                f"but those of {self.name} are probabilities, from 0 to 1"
            )
        one = (1, *outputs.shape[1:])
        for what, tensor in (("weight", self._weight), ("pos_weight", self._positive)):
            if tensor is not None and not _fits(tensor.shape, one):
                raise ValueError(
                    f"{what} of BCEWithLogitsLoss has shape {tuple(tensor.shape)}, a sample's outputs {one[1:]}: "
                    "it may tell outputs apart, not samples"
                )

    @override
    def total(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """By log(1 + exp(-|z|)), so that no second derivative is lost far from zero; the rest is linear."""
        positive, negative = self._parts(outputs, targets, samples)
        above = outputs > 0
        base = F.softplus(torch.where(above, -outputs, outputs))
        zero = torch.zeros_like(outputs)
        missed = positive * torch.where(above, zero, -outputs) + negative * torch.where(above, outputs, zero)
        return ((positive + negative) * base + missed).sum()

    @override
    def gradient(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """Each part with the probability of the other one."""
        positive, negative = self._parts(outputs, targets, samples)
        return negative * torch.sigmoid(outputs) - positive * torch.sigmoid(-outputs)

    @override
    def hessian_product(self, outputs: Tensor, targets: Tensor, samples: int, changes: Tensor) -> Tensor:
        """Entry by entry."""
        return changes * self._curvature(outputs, targets, samples)

    @override
    def hessian_root(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """A diagonal for every sample."""
        root = self._curvature(outputs, targets, samples).sqrt()
        return torch.diag_embed(root.flatten(1)).transpose(0, 1).reshape(-1, *outputs.shape)

    def _curvature(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        positive, negative = self._parts(outputs, targets, samples)
        return (positive + negative) * torch.sigmoid(outputs) * torch.sigmoid(-outputs)

    def _parts(self, outputs: Tensor, targets: Tensor, samples: int) -> tuple[Tensor, Tensor]:
        """Of the loss -a log p - b log(1 - p): a and b, of the outputs' shape."""
        weight = 1 / (samples * outputs[0].numel())
        scale = weight if self._weight is None else weight * self._weight.to(outputs)
        ratio = 1.0 if self._positive is None else self._positive.to(outputs)
        return scale * ratio * targets, scale * (1 - targets)


def _fits(shape: torch.Size, outputs: tuple[int, ...]) -> bool:
    """Whether it broadcasts to that of the outputs of one sample."""
    return len(shape) <= len(outputs) and all(
        size in (1, there) for size, there in zip(reversed(shape), reversed(outputs), strict=False)
    )
