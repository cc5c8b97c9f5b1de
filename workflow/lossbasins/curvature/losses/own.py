"""A user's own loss, by automatic differentiation in the outputs."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature.losses.base import Loss

Function = Callable[[Tensor, Tensor], Tensor]
"""From outputs (n, ...) and targets (n, ...) to a scalar, a mean over the n samples."""

AGREEMENT = {torch.float32: 1e-4, torch.float64: 1e-10}
"""Largest difference of a loss from the mean of its parts, over the loss: well over rounding."""


class OwnLoss(Loss):
    """Any twice differentiable mean over samples; it need not be convex, so the Gauss-Newton matrix may be indefinite.

    Args:
        function: which gets copies of outputs and targets.
    """

    has_root = False

    def __init__(self, function: Function) -> None:
        self.function = function
        self.name = str(getattr(function, "__name__", type(function).__name__))

    @override
    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """A differentiable scalar, the same when it is computed again, and the mean of its parts where it is finite."""
        whole = self._value(outputs, targets)
        if not math.isfinite(whole):
            return
        if not abs(self._value(outputs, targets) - whole) <= AGREEMENT[outputs.dtype] * abs(whole):
            raise ValueError(f"the loss {self.name} gives another value when it is called again: remove its noise")
        n = len(outputs)
        for parts in ((slice(0, n, 2), slice(1, n, 2)), (slice(0, n - 1), slice(n - 1, n))) if n > 1 else ():
            shares = [self._value(outputs[part], targets[part]) * len(outputs[part]) / n for part in parts]
            allowed = AGREEMENT[outputs.dtype] * sum(abs(share) for share in shares)
            if not abs(sum(shares) - whole) <= allowed:
                raise ValueError(
                    f"the loss {self.name} is no mean over samples: {whole:.6g} for {n} of them, but {sum(shares):.6g} "
                    "as the mean of two parts: give one number for each sample, and its mean"
                )

    @override
    def total(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """The function, weighted with the share of the samples."""
        value: Tensor = self.function(outputs.clone(), targets.clone())
        return value * (len(outputs) / samples)

    @override
    @torch.enable_grad()
    def gradient(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """By reverse mode."""
        return self._slope(outputs, targets, samples)[1].detach()

    @override
    @torch.enable_grad()
    def hessian_product(self, outputs: Tensor, targets: Tensor, samples: int, changes: Tensor) -> Tensor:
        """By reverse over reverse mode."""
        point, slope = self._slope(outputs, targets, samples)
        if not slope.requires_grad:  # it is constant
            return torch.zeros_like(changes)

        def product(change: Tensor) -> Tensor:
            return torch.autograd.grad(slope, point, change, retain_graph=True, materialize_grads=True)[0]

        size = outputs[0].numel()
        if size >= len(changes):
            return torch.stack([product(change) for change in changes])
        # The second derivative is one block for each sample: as many products as outputs give all of it.
        units = torch.eye(size, dtype=outputs.dtype, device=outputs.device).reshape(size, 1, *outputs.shape[1:])
        blocks = torch.stack([product(unit.expand_as(outputs)).flatten(1) for unit in units])
        return torch.einsum("qnj,jnc->qnc", changes.flatten(2), blocks).reshape(changes.shape)

    @override
    def hessian_root(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """None is known."""
        raise NotImplementedError

    def _slope(self, outputs: Tensor, targets: Tensor, samples: int) -> tuple[Tensor, Tensor]:
        """A copy of the outputs, and the gradient there, which can be differentiated."""
        point = outputs.detach().requires_grad_()
        (slope,) = torch.autograd.grad(self.total(point, targets, samples), point, create_graph=True)
        return point, slope

    @torch.enable_grad()
    def _value(self, outputs: Tensor, targets: Tensor) -> float:
        try:
            value: Any = self.function(outputs.detach().requires_grad_().clone(), targets.clone())
        except Exception as error:  # a user's function may fail in any way
            line = (str(error).splitlines() or [""])[0]
            raise ValueError(
                f"the loss {self.name} fails on {len(outputs)} samples, outputs of shape {tuple(outputs.shape)} and "
                f"targets of {tuple(targets.shape)}: {type(error).__name__}: {line}"
            ) from error
        if not isinstance(value, Tensor) or value.dim() > 0:
            what = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
            raise TypeError(f"the loss {self.name} gives {what}, no scalar tensor: give the mean over samples")
        if not value.requires_grad:
            raise TypeError(f"the loss {self.name} is no differentiable function of the outputs: compute it in torch")
        return float(value.detach())
