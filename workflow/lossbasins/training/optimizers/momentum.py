"""Stochastic gradient descent with momentum."""

from collections.abc import Iterable

import torch
from torch import Tensor


def build(
    parameters: Iterable[Tensor],
    learning_rate: float,
    *,
    momentum: float = 0.9,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> torch.optim.Optimizer:
    """Torch's SGD with momentum.

    Args:
        parameters: to be optimised.
        learning_rate: at the start.
        momentum: share of the last step that is kept.
        nesterov: look ahead.
        weight_decay: coefficient of the squared norm's gradient.
    """
    return torch.optim.SGD(
        parameters, lr=learning_rate, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay
    )
