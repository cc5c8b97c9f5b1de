"""RMSprop."""

from collections.abc import Iterable

import torch
from torch import Tensor


def build(
    parameters: Iterable[Tensor],
    learning_rate: float,
    *,
    decay: float = 0.99,
    epsilon: float = 1e-8,
    momentum: float = 0.0,
) -> torch.optim.Optimizer:
    """Torch's RMSprop.

    Args:
        parameters: to be optimised.
        learning_rate: at the start.
        decay: of the mean squared gradient.
        epsilon: added to the denominator.
        momentum: share of the last step that is kept.
    """
    return torch.optim.RMSprop(parameters, lr=learning_rate, alpha=decay, eps=epsilon, momentum=momentum)
