"""The modules and functions that the structured route knows, each as a rule that gives its operations."""

import operator
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any, cast

import torch
import torch.fx
import torch.nn.functional as F
from torch import Tensor, nn

from lossbasins.curvature.convolution import Convolution
from lossbasins.curvature.dense import Dense
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.normalization import ChannelAffine
from lossbasins.curvature.operations import Add, ChannelwiseLinear, Flatten, MaxPool, Operation, Pointwise
from lossbasins.curvature.symmetric import LayerParameters

Offsets = dict[int, int]
"""Start of each chosen parameter in the parameter vector, by `id`; all others are held fixed."""

Rule = Callable[..., list[Operation] | None]
"""From a module and offsets, or a traced node and its arguments; None where these are outside what is known."""


def _layer_parameters(module: nn.Module, offsets: Offsets) -> LayerParameters:
    weight, bias = cast(Tensor, module.weight), cast(Tensor | None, module.bias)
    if any(not isinstance(tensor, nn.Parameter) for tensor in (weight, bias) if tensor is not None):
        raise UnsupportedLayerError(f"weights of a {type(module).__name__} that are no parameters, but computed")
    width = weight.numel() // len(weight) if id(weight) in offsets else 0
    bias_offset = offsets.get(id(bias))
    return LayerParameters(len(weight), width, offsets.get(id(weight), bias_offset or 0), bias_offset)


def _detached(parameter: Tensor | None) -> Tensor | None:
    return None if parameter is None else parameter.detach()


def _linear(module: nn.Linear, offsets: Offsets) -> list[Operation]:
    parameters = _layer_parameters(module, offsets)
    return [Dense(parameters, module.weight.detach(), _detached(module.bias), space=())]


def _convolution(module: nn.Conv2d, offsets: Offsets) -> list[Operation] | None:
    if module.groups != 1 or module.padding_mode != "zeros":
        return None
    before: list[Operation] = []
    if isinstance(module.padding, str):
        totals = [0, 0]
        if module.padding == "same":
            totals = [d * (k - 1) for d, k in zip(module.dilation, module.kernel_size, strict=True)]
        padding = (totals[0] // 2, totals[1] // 2)
        if any(total % 2 for total in totals):
            before = [ChannelwiseLinear(partial(F.pad, pad=(0, totals[1] % 2, 0, totals[0] % 2)))]
            # One more zero at the far end cannot be asked of the convolution itself; symmetric padding follows it.
    else:
        padding = cast(tuple[int, int], tuple(module.padding))
    stride, dilation = cast(tuple[int, int], module.stride), cast(tuple[int, int], module.dilation)
    parameters = _layer_parameters(module, offsets)
    weight, bias = module.weight.detach(), _detached(module.bias)
    return [*before, Convolution(parameters, weight, bias, stride, padding, dilation)]


def _batch_norm(module: nn.BatchNorm1d | nn.BatchNorm2d, offsets: Offsets) -> list[Operation] | None:
    if module.running_mean is None or module.running_var is None or not module.affine:
        return None
    inverse = (module.running_var + module.eps).rsqrt()
    weight, bias = module.weight.detach(), _detached(module.bias)
    return [ChannelAffine(_layer_parameters(module, offsets), weight, bias, module.running_mean, inverse)]


def _smooth(module: nn.Module, offsets: Offsets) -> list[Operation]:  # noqa: ARG001
    return [Pointwise(_bare(module), piecewise_linear=False)]


def _piecewise_linear(module: nn.Module, offsets: Offsets) -> list[Operation]:  # noqa: ARG001
    return [Pointwise(_bare(module), piecewise_linear=True)]


def _bare(module: nn.Module) -> Any:  # noqa: ANN401 - of the same type
    """A copy that works out of place and without hooks, which are no part of the rule."""
    copy = deepcopy(module)
    copy._forward_hooks.clear()
    copy._forward_pre_hooks.clear()
    if hasattr(copy, "inplace"):
        setattr(copy, "inplace", False)  # noqa: B010 - unknown to the type checker
    return copy


def _average_pool(module: nn.Module, offsets: Offsets) -> list[Operation]:  # noqa: ARG001
    return [ChannelwiseLinear(_bare(module))]


def _max_pool(module: nn.MaxPool2d | nn.AdaptiveMaxPool2d, offsets: Offsets) -> list[Operation]:  # noqa: ARG001
    copy = _bare(module)
    copy.return_indices = True
    return [MaxPool(copy)]


def _flatten(module: nn.Flatten, offsets: Offsets) -> list[Operation] | None:  # noqa: ARG001
    return [Flatten()] if (module.start_dim, module.end_dim) == (1, -1) else None


def _nothing(module: nn.Module, offsets: Offsets) -> list[Operation]:  # noqa: ARG001
    return []


MODULES: dict[type[nn.Module], Rule] = {
    nn.Linear: _linear,
    nn.Conv2d: _convolution,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.MaxPool2d: _max_pool,
    nn.AdaptiveMaxPool2d: _max_pool,
    nn.Flatten: _flatten,
    **dict.fromkeys((nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.ZeroPad2d), _average_pool),
    **dict.fromkeys((nn.ReLU, nn.LeakyReLU, nn.ReLU6, nn.Hardtanh), _piecewise_linear),
    **dict.fromkeys((nn.Tanh, nn.Sigmoid, nn.Softplus, nn.GELU, nn.SiLU), _smooth),
    **dict.fromkeys((nn.Identity, nn.Dropout, nn.Dropout2d), _nothing),
}


def _activation(function: Callable[..., Tensor], *, piecewise_linear: bool) -> Rule:
    def rule(node: torch.fx.Node, *arguments: object, **settings: object) -> list[Operation] | None:  # noqa: ARG001
        settings.pop("inplace", None)
        return None if arguments else [Pointwise(partial(function, **settings), piecewise_linear=piecewise_linear)]

    return rule


def _pool(function: Callable[..., Tensor]) -> Rule:
    def rule(node: torch.fx.Node, *arguments: object, **settings: object) -> list[Operation]:  # noqa: ARG001
        return [ChannelwiseLinear(lambda values: function(values, *arguments, **settings))]

    return rule


def _max_pool_function(node: torch.fx.Node, *arguments: object, **settings: object) -> list[Operation]:  # noqa: ARG001
    pool: Callable[..., tuple[Tensor, Tensor]] = F.max_pool2d_with_indices
    return [MaxPool(lambda values: pool(values, *arguments, **settings))]


def _flatten_function(node: torch.fx.Node, *arguments: object, **settings: object) -> list[Operation] | None:  # noqa: ARG001
    dims = dict(zip(("start_dim", "end_dim"), arguments, strict=False)) | settings
    return [Flatten()] if dims.get("start_dim") == 1 and dims.get("end_dim", -1) == -1 else None


def _add(node: torch.fx.Node, *arguments: object, **settings: object) -> list[Operation] | None:
    return None if arguments or settings or len(node.all_input_nodes) != 2 else [Add()]


FUNCTIONS: dict[Any, Rule] = {
    **{function: _activation(F.relu, piecewise_linear=True) for function in (torch.relu, F.relu, torch.relu_)},
    torch.tanh: _activation(torch.tanh, piecewise_linear=False),
    F.tanh: _activation(torch.tanh, piecewise_linear=False),
    torch.sigmoid: _activation(torch.sigmoid, piecewise_linear=False),
    F.sigmoid: _activation(torch.sigmoid, piecewise_linear=False),
    F.gelu: _activation(F.gelu, piecewise_linear=False),
    F.silu: _activation(F.silu, piecewise_linear=False),
    F.softplus: _activation(F.softplus, piecewise_linear=False),
    F.leaky_relu: _activation(F.leaky_relu, piecewise_linear=True),
    F.max_pool2d: _max_pool_function,
    F.avg_pool2d: _pool(F.avg_pool2d),
    F.adaptive_avg_pool2d: _pool(F.adaptive_avg_pool2d),
    torch.flatten: _flatten_function,
    **dict.fromkeys((operator.add, operator.iadd, torch.add), _add),
}

METHODS: dict[Any, Rule] = {
    "relu": FUNCTIONS[torch.relu],
    "tanh": FUNCTIONS[torch.tanh],
    "sigmoid": FUNCTIONS[torch.sigmoid],
    "flatten": _flatten_function,
    "add": _add,
}
