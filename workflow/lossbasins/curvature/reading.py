"""Reads a model as a network that the structured route knows, and tries it beside the model."""

import torch
from torch import Tensor

from lossbasins.curvature.calling import as_it_was, twice_differentiable_kernels
from lossbasins.curvature.graph import read_graph
from lossbasins.curvature.inspection import AGREEMENT
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.network import Network
from lossbasins.curvature.objective import Objective

SAMPLES = 2
"""Samples that a network is tried on."""


@torch.no_grad()
def read_network(objective: Objective) -> Network:
    """A model as a network, which gives the model's outputs on some samples.

    Raises:
        UnsupportedLayerError: a layer or function outside the vocabulary, or a model that is not what its layers say.
    """
    model = objective.model
    if not objective.independent:
        raise UnsupportedLayerError("samples that are not independent")
    hooked = [name for name, module in model.named_modules() if module._backward_hooks or module._backward_pre_hooks]
    if hooked:
        raise UnsupportedLayerError(f"a hook that changes gradients on {hooked[0] or 'the model'}")
    inputs, targets = next(objective.chunks(SAMPLES))
    expected = objective.outputs_at(objective.split(objective.parameters), inputs)
    try:
        with as_it_was(model), twice_differentiable_kernels(model):
            network = Network(read_graph(model, inputs[:1]))
        values, states = network.run(inputs)
        signals = network.pull(objective.loss.gradient(expected, targets, len(inputs))[None], values, states)
    except UnsupportedLayerError:
        raise
    except Exception as error:  # a forward that is read with stand-ins for tensors may fail in any way
        line = (str(error).splitlines() or [""])[0]
        raise UnsupportedLayerError(f"{type(model).__name__} cannot be read: {type(error).__name__}: {line}") from error
    if any(signal.shape[1:] != values[position].shape for position, signal in signals.items()):
        raise UnsupportedLayerError(f"shapes in {type(model).__name__} that no rule is for")
    if not _agree(values[-1], expected):
        raise UnsupportedLayerError(f"what the layers of {type(model).__name__} say is not what it does")
    return network


def _agree(found: Tensor, expected: Tensor) -> bool:
    allowed = AGREEMENT[expected.dtype] * float(expected.abs().max())
    return found.shape == expected.shape and torch.allclose(found, expected, rtol=0, atol=allowed)
