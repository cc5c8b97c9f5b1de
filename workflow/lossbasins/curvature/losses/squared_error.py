"""Squared error."""

import torch
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature.losses.base import Loss


class MeanSquaredError(Loss):
    """Mean over samples and outputs of the squared error, equal to `torch.nn.functional.mse_loss`."""

    name = "mse"
    is_likelihood = True

    @override
    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """Outputs and targets of one shape and dtype."""
        if targets.dtype != outputs.dtype or targets.shape != outputs.shape:
            raise TypeError(
                f"mse needs targets like the model's outputs, {outputs.dtype} of shape {tuple(outputs.shape)}; "
                f"they are {targets.dtype} of shape {tuple(targets.shape)}"
            )

    @override
    def total(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """Sum of squares over `samples` times the outputs of one sample."""
        return (outputs - targets).square().sum() / (samples * outputs[0].numel())

    @override
    def gradient(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """Twice the scaled error."""
        return (outputs - targets) * (2 / (samples * outputs[0].numel()))

    @override
    def hessian_product(self, outputs: Tensor, targets: Tensor, samples: int, changes: Tensor) -> Tensor:
        """A multiple."""
        return changes * (2 / (samples * outputs[0].numel()))

    @override
    def hessian_root(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """A scaled identity for every sample."""
        size = outputs[0].numel()
        identity = torch.eye(size, dtype=outputs.dtype, device=outputs.device) * (2 / (samples * size)) ** 0.5
        root: Tensor = identity[:, None, :].expand(size, len(outputs), size).reshape(size, *outputs.shape)
        return root
