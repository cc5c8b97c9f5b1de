"""The one Gaussian that all solutions of an architecture are compared under."""

import torch
from torch import Tensor, nn


def prior_variances(model: nn.Module, bias_variance: float) -> Tensor:
    """Variances of He's initialisation: 2 / fan_in for weights, and a number for everything else.

    They know the architecture, not the weights, so that no solution brings its own yardstick.

    Args:
        model: whose parameters are vectors (biases, batch norm) or weights of shape (out, in, ...).
        bias_variance: of the vectors, which start at zero and have no variance of their own.

    Returns:
        Shape (P,), in the order of the parameter vector, float64, on the CPU.
    """
    variances = [
        torch.full((values.numel(),), 2 / values[0].numel() if values.dim() > 1 else bias_variance, dtype=torch.float64)
        for values in model.parameters()
    ]
    return torch.cat(variances)
