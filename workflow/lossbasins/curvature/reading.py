"""Reads a model as a network of known layers or as a program, and tries what was read beside the model."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from lossbasins.curvature.autodiff import Graph
from lossbasins.curvature.calling import as_it_was, twice_differentiable_kernels
from lossbasins.curvature.columns import columns_product
from lossbasins.curvature.graph import read_graph
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.network import Network
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.program import Program
from lossbasins.curvature.tracing import traced_program

SAMPLES = 2
"""Samples that a network or program is tried on."""

AGREEMENT = {torch.float32: 1e-3, torch.float64: 1e-9}
"""Largest relative difference of outputs or products there: well over rounding, well under a misreading."""


@torch.no_grad()
def read_network(objective: Objective) -> Network:
    """A model as a network of known layers, which gives the model's outputs on some samples.

    Raises:
        UnsupportedLayerError: a layer, function or loss outside the vocabulary, or a model that is not what its layers
            say.
    """
    if not objective.loss.has_root:
        raise UnsupportedLayerError(f"the loss {objective.loss.name}, of which no root is known")
    model, inputs, targets, expected = _tried(objective)
    with _reading(model):
        offsets = {id(parameter): offset for parameter, offset in zip(objective.chosen, objective.offsets, strict=True)}
        network = Network(read_graph(model, inputs[:1], offsets))
        if not network.layers:
            raise UnsupportedLayerError("no layer that has one of the parameters")
        values, states = network.run(inputs)
        signals = network.pull(objective.loss.gradient(expected, targets, objective.samples)[None], values, states)
        if any(signal.shape[1:] != values[position].shape for position, signal in signals.items()):
            raise UnsupportedLayerError(f"shapes in {type(model).__name__} that no rule is for")
        gradient = network.gradient(objective.parameters, signals, states)
        gradient += objective.decay(len(inputs)) * objective.parameters
    _compare(model, values[-1], expected)
    _compare(model, gradient, Graph(objective, inputs, targets, objective.parameters).gradient)
    return network


@torch.no_grad()
def read_program(objective: Objective) -> Program:
    """A model as a program, which gives the model's outputs and second derivatives on some samples.

    Raises:
        UnsupportedLayerError: a model that torch.fx cannot trace, or that is not what was traced.
    """
    model, inputs, targets, expected = _tried(objective)
    generator = torch.Generator().manual_seed(0)
    vector = torch.randn(objective.size, generator=generator, dtype=torch.float64).to(objective.parameters)
    with _reading(model):
        program, outputs = traced_program(model, objective.chosen, inputs)
        product = columns_product(objective, program, vector, inputs, targets)
    _compare(model, outputs, expected)
    graph = Graph(objective, inputs, targets, objective.parameters)
    _compare(model, product, graph.hessian_product(vector[None])[0])
    return program


def _tried(objective: Objective) -> tuple[nn.Module, Tensor, Tensor, Tensor]:
    """A model that may be read, and inputs, targets and outputs of some samples."""
    model = objective.model
    if not (objective.independent and objective.data.alike):
        raise UnsupportedLayerError("samples that are not independent, or not of one shape")
    hooked = [name for name, module in model.named_modules() if module._backward_hooks or module._backward_pre_hooks]
    if hooked:
        raise UnsupportedLayerError(f"a hook that changes gradients on {hooked[0] or 'the model'}")
    inputs, targets = objective.some(SAMPLES)
    return model, inputs, targets, objective.outputs_at(objective.split(objective.parameters), inputs)


@contextmanager
def _reading(model: nn.Module) -> Iterator[None]:
    """Whatever goes wrong means that the model cannot be read."""
    try:
        with as_it_was(model), twice_differentiable_kernels(model), warnings.catch_warnings():
            warnings.filterwarnings("error", message="There is a performance drop")  # one column at a time is no gain
            yield
    except UnsupportedLayerError:
        raise
    except Exception as error:  # a forward that is read with stand-ins for tensors may fail in any way
        line = (str(error).splitlines() or [""])[0]
        raise UnsupportedLayerError(f"{type(model).__name__} cannot be read: {type(error).__name__}: {line}") from error


def _compare(model: nn.Module, found: Tensor, expected: Tensor) -> None:
    allowed = AGREEMENT[expected.dtype] * float(expected.norm()) + torch.finfo(expected.dtype).tiny
    if found.shape != expected.shape or not float((found - expected).norm()) <= allowed:
        raise UnsupportedLayerError(f"what the layers of {type(model).__name__} say is not what it does")
