"""What a network must be before it is trained and measured, each said in one line that names its file."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import torch
from torch import Tensor, nn

from lossbasins.data.tensors import Part
from lossbasins.models.registry import build_model
from lossbasins.specs.entries import ModelSpec
from lossbasins.specs.modules import ARCHITECTURE, module_name, path_of

TRIED = 4
"""Inputs that go through a network, if there are so many."""
TOLERANCE = 1e-6
"""Relative difference of two outputs in float64 that counts as rounding."""


def checked_network(spec: ModelSpec, given: Mapping[str, int], train: Part) -> nn.Module:
    """Builds a network and tries it on the first inputs of its training set.

    Args:
        spec: architecture and options.
        given: what its `build` is given, by name and in order, the number of classes last.
        train: the training set, in float64, on the CPU.

    Raises:
        ValueError: it cannot be built, does not fit the data or the classes, or could not be trained or measured; one
            line.
    """
    try:
        inputs, labels = train.inputs[:TRIED], train.labels[:TRIED]
        model = _built(spec, given)
        _check_parameters(model)
        _check_draws(model, _built(spec, given))
        for dtype in (torch.float32, torch.float64):
            own = inputs.to(dtype) if inputs.is_floating_point() else inputs
            drawn = torch.get_rng_state()
            outputs = _outputs(model.to(dtype).train(), own)
            is_random = not torch.equal(drawn, torch.get_rng_state())
            _check_outputs(outputs, len(own), given["classes"], dtype)
            if is_random or not torch.equal(outputs, _outputs(model, own)):
                raise ValueError("it is random in training, as with dropout; allowed: what can be trained again alike")
            _check_gradients(model, nn.functional.cross_entropy(outputs, labels[: len(outputs)]))
        _check_samples(model.eval(), own)
    except ValueError as error:
        raise ValueError(f"{path_of(module_name(ARCHITECTURE, spec.architecture))}: {error}") from None
    return model


def _built(spec: ModelSpec, given: Mapping[str, int]) -> nn.Module:
    *shape, classes = given.values()
    try:
        model = build_model(spec, tuple(shape), classes)
    except Exception as error:
        arguments = ", ".join(f"{name} {value}" for name, value in given.items())
        raise ValueError(f"build, given {arguments}: {_line(error)}") from None
    if not isinstance(model, nn.Module):
        raise ValueError(f"build returns a {type(model).__name__}; needed: a torch.nn.Module")
    return model


def _check_parameters(model: nn.Module) -> None:
    named = list(model.named_parameters(remove_duplicate=False))
    if not named:
        raise ValueError("the network has no parameters")
    for name, values in named:
        if isinstance(values, nn.UninitializedParameter):
            raise ValueError(f"parameter {name} has no shape yet; give its layer the size of its inputs")
        if values.dtype != torch.float32:
            raise ValueError(f"parameter {name} is {values.dtype}; needed: torch.float32")
        if not values.requires_grad:
            raise ValueError(f"parameter {name} is not to be trained; what stays as it is belongs into a buffer")
    for (name, values), (other, others) in combinations(named, 2):
        memory, other_memory = (one.untyped_storage().data_ptr() for one in (values, others))
        if values is others or (memory == other_memory and values.numel()):
            raise ValueError(f"parameters {name} and {other} are one; allowed: none that are shared")


def _check_draws(model: nn.Module, again: nn.Module) -> None:
    for (name, values), drawn in zip(model.named_parameters(), again.parameters(), strict=True):
        if not torch.equal(values, drawn):
            raise ValueError(f"parameter {name} is not drawn by torch's own generator, whose seed a replica has")


def _outputs(model: nn.Module, inputs: Tensor) -> Tensor:
    try:
        return model(inputs)  # type: ignore[no-any-return]
    except Exception as error:
        dtype = str(next(model.parameters()).dtype)
        raise ValueError(f"inputs {tuple(inputs.shape)}, in {dtype}, do not go through: {_line(error)}") from None


def _check_outputs(outputs: Tensor, count: int, classes: int, dtype: torch.dtype) -> None:
    if not isinstance(outputs, Tensor) or outputs.shape != (count, classes):
        got = tuple(outputs.shape) if isinstance(outputs, Tensor) else f"a {type(outputs).__name__}"
        raise ValueError(f"of {count} inputs come {got}; needed: {(count, classes)}, a logit for each class")
    if outputs.dtype != dtype:
        raise ValueError(f"of parameters in {dtype} come outputs in {outputs.dtype}; needed: the same")
    if not outputs.isfinite().all():
        raise ValueError("not all of its outputs are finite")


def _check_gradients(model: nn.Module, loss: Tensor) -> None:
    names = [name for name, _ in model.named_parameters()]
    gradients = torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
    if unused := [name for name, gradient in zip(names, gradients, strict=True) if gradient is None]:
        raise ValueError(f"the loss does not depend on parameter {unused[0]}; leave out what is not used")


def _check_samples(model: nn.Module, inputs: Tensor) -> None:
    with torch.no_grad():
        together = _outputs(model, inputs)
        alone = torch.cat([_outputs(model, one) for one in _singly(inputs)])
    scale = float(together.abs().max())
    if float((together - alone).abs().max()) > TOLERANCE * max(scale, 1.0):
        raise ValueError(
            "outputs of an input depend on those beside it; the first dimension counts inputs (batch_first=True)"
        )


def _singly(inputs: Tensor) -> Iterator[Tensor]:
    return (inputs[number : number + 1] for number in range(len(inputs)))


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
