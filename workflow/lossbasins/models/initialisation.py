"""Initial weights: independent draws with mean zero and variance gain / fan."""

import math
from collections.abc import Iterator

import torch
from torch import nn

from lossbasins.specs.entries import InitSpec

DRAWN = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
"""Layers whose weights are drawn; the attention of torch has one of its own way within."""
RESET = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
"""Layers that start as the identity."""


def initialise(model: nn.Module, init: InitSpec, generator: torch.Generator) -> None:
    """Draws the weights of all linear and convolutional layers, in the order of the model's modules.

    Biases of these become zero; batch normalisation starts as the identity. All other parameters stay as the model
    itself drew them, and so do all of them with the distribution `model`. The paper's is N(0, 2 / fan_in).

    Args:
        model: on the CPU; changed in place.
        init: distribution, fan and gain.
        generator: of the CPU; all randomness is drawn from it.
    """
    for layer in _covered(model, init):
        if isinstance(layer, RESET):
            layer.reset_parameters()
        elif isinstance(layer, DRAWN):
            deviation = math.sqrt(init.gain / _fan(layer.weight, init.fan))
            if init.distribution == "normal":
                nn.init.normal_(layer.weight, std=deviation, generator=generator)
            else:
                bound = math.sqrt(3) * deviation
                nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def left_to_model(model: nn.Module, init: InitSpec) -> tuple[str, ...]:
    """Names of the parameters that `initialise` leaves as the model itself drew them, in the model's order."""
    covered = {id(values) for layer in _covered(model, init) for values in layer.parameters()}
    return tuple(name for name, values in model.named_parameters() if id(values) not in covered)


def _covered(model: nn.Module, init: InitSpec) -> Iterator[nn.Module]:
    """The layers that a scheme says how to draw, in the order of the model's modules."""
    if init.distribution == "model":
        return
    attention = [name for name, module in model.named_modules() if isinstance(module, nn.MultiheadAttention)]
    for name, module in model.named_modules():
        within_attention = any(name.startswith(f"{outer}.") for outer in attention)
        # A weight that is computed from others, as torch's parametrizations have it, cannot be drawn.
        drawn = isinstance(module, DRAWN) and "weight" in dict(module.named_parameters(recurse=False))
        if isinstance(module, RESET) or (drawn and not within_attention):
            yield module


def _fan(weight: torch.Tensor, fan: str) -> float:
    fan_in = weight[0].numel()
    fan_out = weight.shape[0] * weight[0, 0].numel()
    return {"in": float(fan_in), "out": float(fan_out), "average": (fan_in + fan_out) / 2}[fan]
