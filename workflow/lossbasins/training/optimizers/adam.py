"""Adam."""

from collections.abc import Iterable

import torch
from torch import Tensor


def build(
    parameters: Iterable[Tensor],
    learning_rate: float,
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> torch.optim.Optimizer:
    """Torch's Adam.

    Args:
        parameters: to be optimised.
        learning_rate: at the start.
        beta1: decay of the mean gradient.
        beta2: decay of the mean squared gradient.
        epsilon: added to the denominator.
    """
    return torch.optim.Adam(parameters, lr=learning_rate, betas=(beta1, beta2), eps=epsilon)
