"""Calls a model as a function of its parameters, in kernels that differentiate twice, and leaves all as it was."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel


def outputs_of(model: nn.Module, parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    """The model's outputs on a copy of the inputs, at the given parameters.

    Args:
        model: which reads all that is not given, and keeps nothing of the call.
        parameters: by name; those that are left out are the model's own.
        inputs: shape (n, ...).

    Raises:
        TypeError: the outputs are no tensor, or the model does not take integers.
    """
    try:
        with as_it_was(model), twice_differentiable_kernels(model):
            outputs = functional_call(model, dict(parameters), (inputs.detach().clone(),))
    except RuntimeError as error:
        if inputs.is_floating_point():
            raise
        line = str(error).splitlines()[0]
        raise TypeError(
            f"the model fails on inputs of {inputs.dtype} ({line}): convert them if they are no tokens"
        ) from error
    if not isinstance(outputs, Tensor):
        raise TypeError(
            f"the model gives a {type(outputs).__name__}, no tensor: wrap it in a module that returns the outputs alone"
        )
    return outputs


@contextmanager
def as_it_was(model: nn.Module) -> Iterator[None]:
    """Lends out copies of a model's buffers and tensors, and brings back attributes, lists and dicts in any case."""
    before = [(module, dict(vars(module))) for module in model.modules()]
    containers = [value for _, attributes in before for value in attributes.values() if isinstance(value, list | dict)]
    contents = [list(container) if isinstance(container, list) else dict(container) for container in containers]
    copies = {id(buffer): buffer.clone() for buffer in model.buffers()}
    for module, attributes in before:
        vars(module).update({name: value.clone() for name, value in attributes.items() if isinstance(value, Tensor)})
        for name, buffer in module._buffers.items():
            module._buffers[name] = None if buffer is None else copies[id(buffer)]
    try:
        yield
    finally:
        for module, attributes in before:
            vars(module).clear()
            vars(module).update(attributes)
        for container, content in zip(containers, contents, strict=True):
            container.clear()
            if isinstance(container, list):
                container.extend(content)
            else:
                container.update(content)


@contextmanager
def twice_differentiable_kernels(model: nn.Module) -> Iterator[None]:
    """Settings under which every layer has a second derivative, in the precision that its dtype says.

    Fused attention, cuDNN's recurrent layers and compiled code have none; TF32 is no float32.
    """
    device = next(model.parameters()).device
    with ExitStack() as settings:
        settings.enter_context(sdpa_kernel(SDPBackend.MATH))
        settings.enter_context(_without_fast_path())
        if "torch._dynamo" in sys.modules:  # else nothing is compiled, and the import would cost seconds
            settings.enter_context(torch.compiler.set_stance("force_eager"))
        if device.type == "cuda":
            settings.enter_context(exact_products())
            if any(isinstance(module, nn.RNNBase) for module in model.modules()):
                settings.enter_context(_without_cudnn())
        yield


@contextmanager
def exact_products() -> Iterator[None]:
    """No TF32 on a GPU."""
    places: list[Any] = [torch.backends.cuda.matmul, torch.backends.cudnn.conv, torch.backends.cudnn.rnn]  # type: ignore[attr-defined]
    before = [place.fp32_precision for place in places]
    for place in places:
        place.fp32_precision = "ieee"
    try:
        yield
    finally:
        for place, precision in zip(places, before, strict=True):
            place.fp32_precision = precision


@contextmanager
def _without_cudnn() -> Iterator[None]:
    before = torch.backends.cudnn.enabled
    torch.backends.cudnn.enabled = False
    try:
        yield
    finally:
        torch.backends.cudnn.enabled = before


@contextmanager
def _without_fast_path() -> Iterator[None]:
    """Attention modules in eval mode otherwise take a fused kernel where no gradient is asked for."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
