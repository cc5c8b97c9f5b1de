"""Stochastic gradient descent without momentum."""

from collections.abc import Iterable

import torch
from torch import Tensor


def build(parameters: Iterable[Tensor], learning_rate: float, *, weight_decay: float = 0.0) -> torch.optim.Optimizer:
    """Torch's SGD.

    Args:
        parameters: to be optimised.
        learning_rate: at the start.
        weight_decay: coefficient of the squared norm's gradient.
    """
    return torch.optim.SGD(parameters, lr=learning_rate, weight_decay=weight_decay)
