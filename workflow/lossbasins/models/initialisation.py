"""Initial weights: independent draws with mean zero and variance gain / fan."""

import math

import torch
from torch import nn

from lossbasins.specs.entries import InitSpec


def initialise(model: nn.Module, init: InitSpec, generator: torch.Generator) -> None:
    """Draws the weights of all linear and convolutional layers, in the order of the model's modules.

    Biases become zero; batch normalisation starts as the identity. The paper's is N(0, 2 / fan_in).

    Args:
        model: on the CPU; changed in place.
        init: distribution, fan and gain.
        generator: of the CPU; all randomness is drawn from it.

    Raises:
        ValueError: a layer with parameters is none of those.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            deviation = math.sqrt(init.gain / _fan(module.weight, init.fan))
            if init.distribution == "normal":
                nn.init.normal_(module.weight, std=deviation, generator=generator)
            else:
                bound = math.sqrt(3) * deviation
                nn.init.uniform_(module.weight, -bound, bound, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.reset_parameters()
        elif list(module.parameters(recurse=False)):
            raise ValueError(
                f"layer {name!r} is a {type(module).__name__}; allowed: Linear, Conv2d, BatchNorm1d, BatchNorm2d"
            )


def _fan(weight: torch.Tensor, fan: str) -> float:
    fan_in = weight[0].numel()
    fan_out = weight.shape[0] * weight[0, 0].numel()
    return {"in": float(fan_in), "out": float(fan_out), "average": (fan_in + fan_out) / 2}[fan]
