"""What models and data must be before anything is computed, each said in one line."""

import sys
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def unwrapped(model: nn.Module) -> nn.Module:
    """The module inside `torch.compile`, `DataParallel` and `DistributedDataParallel`.

    Raises:
        TypeError: no module, or a scripted one, whose parameters torch cannot replace.
    """
    while inner := _inside(model):
        model = inner
    if not isinstance(model, nn.Module):
        raise TypeError(f"the model is a {type(model).__name__}, no torch.nn.Module")
    scripted = [name for name, module in model.named_modules() if isinstance(module, torch.jit.ScriptModule)]
    if scripted:
        raise TypeError(f"{_named(scripted[0])} is scripted by torch.jit: give the module that it was made from")
    return model


def _inside(model: nn.Module) -> nn.Module | None:
    dynamo = sys.modules.get("torch._dynamo")  # importing it costs seconds
    if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return model.get_submodule("module")
    return model.get_submodule("_orig_mod") if dynamo and isinstance(model, dynamo.OptimizedModule) else None


def check_model(model: nn.Module) -> None:
    """Raise ValueError for a model in training mode or with parameters that have no shape yet."""
    training = [name for name, module in model.named_modules() if module.training]
    if training:
        raise ValueError(
            f"training mode in {_named(training[0])}: "
            "call model.eval() first, so that the loss is a function of the data"
        )
    if any(isinstance(parameter, nn.UninitializedParameter) for parameter in model.parameters()):
        raise ValueError("the model has parameters without a shape: call it once on data")


def dtype_of(model: nn.Module) -> torch.dtype:
    """The dtype of a model's first parameter."""
    return next(model.parameters()).dtype


def as_tensor(what: str, values: Any, model: nn.Module) -> Tensor:  # noqa: ANN401 - checked here
    """A tensor as it is; an array or list on the model's device, in its dtype or, for whole numbers, in int64."""
    if isinstance(values, Tensor):
        return values.detach()
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:
        raise TypeError(f"{what}: no tensor can be made of a {type(values).__name__}, stack its parts first") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{what} are a {type(values).__name__} of {array.dtype}: give numbers, as a tensor or an array")
    return torch.tensor(array, dtype=dtype_of(model) if array.dtype.kind == "f" else torch.int64).to(
        next(model.parameters()).device
    )


def check_data(model: nn.Module, inputs: Tensor, targets: Tensor) -> None:
    """Raise ValueError for no or unequal numbers of samples, TypeError for dtypes or devices that do not fit."""
    if inputs.dim() == 0 or targets.dim() == 0:
        raise ValueError("inputs and targets need a first dimension, of samples")
    if len(inputs) == 0:
        raise ValueError("no data: inputs are empty")
    if len(inputs) != len(targets):
        raise ValueError(f"{len(inputs)} inputs, but {len(targets)} targets")
    tensors = dict([*model.named_parameters(), *model.named_buffers()])
    dtypes = {tensor.dtype: name for name, tensor in tensors.items() if tensor.is_floating_point()}
    if inputs.is_floating_point():
        dtypes[inputs.dtype] = "inputs"
    if len(dtypes) > 1:
        raise TypeError(f"mixed dtypes: {_listed(dtypes)}; convert all to one")
    for dtype, name in dtypes.items():
        if dtype not in (torch.float32, torch.float64):
            raise TypeError(f"{name} are {dtype}: curvature needs float32 or float64")
    devices = {tensor.device: name for name, tensor in [*tensors.items(), ("inputs", inputs), ("targets", targets)]}
    if len(devices) > 1:
        raise TypeError(f"mixed devices: {_listed(devices)}; move all to one")


def _listed(groups: dict[torch.dtype, str] | dict[torch.device, str]) -> str:
    return ", ".join(f"{key} (such as {name})" for key, name in groups.items())


def _named(name: str) -> str:
    return name or "the model"
