"""Many replicas of a sequential network at once, each layer as one batched matrix product.

Grouped convolutions, into which vmap turns those of a stack, are slow on a GPU where groups are small. Unfolded, the
windows of replica r are columns, and its weights a matrix: one product for each replica, all in one call.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lossbasins.training.networks import Forward

Parameters = Mapping[str, Tensor]
"""Of one layer, by name, of shape (R, ...)."""


def can_be_batched(model: nn.Module) -> bool:
    """Whether a model is a sequence of layers that are all known here."""
    known = (type(layer) in RULES and _is_plain(layer) for _, layer in _layers(model))
    return type(model) is nn.Sequential and all(known)


def batched(model: nn.Module) -> Forward:
    """The forward pass of many replicas of a model that `can_be_batched`; it gives the layers, not their parameters."""
    layers = list(_layers(model))

    def logits(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
        values = inputs.transpose(1, 2)
        for name, layer in layers:
            own = {key: parameters[f"{name}.{key}"] for key, _ in layer.named_parameters()}
            values = RULES[type(layer)](layer, own, values)
        return values

    return logits


def _layers(model: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Layers in order, with their names; a module that is no sequence of others counts as one."""
    if type(model) is not nn.Sequential:
        yield prefix, model
        return
    for name, child in model.named_children():
        yield from _layers(child, f"{prefix}.{name}" if prefix else name)


def _is_plain(layer: nn.Module) -> bool:
    """Whether a layer is what its rule assumes."""
    if isinstance(layer, nn.Conv2d):
        ordinary = layer.groups == 1 and layer.dilation == (1, 1) and layer.padding_mode == "zeros"
        return ordinary and not isinstance(layer.padding, str)
    if isinstance(layer, nn.MaxPool2d):
        return not layer.return_indices
    return not isinstance(layer, nn.Flatten) or (layer.start_dim, layer.end_dim) == (1, -1)


def _convolution(layer: nn.Conv2d, parameters: Parameters, values: Tensor) -> Tensor:
    """From (R, channels, n, h, w) to (R, out, n, h', w')."""
    assert not isinstance(layer.padding, str)
    high, wide = layer.padding
    windows = F.pad(values, (wide, wide, high, high)) if high or wide else values
    for dim, (size, stride) in enumerate(zip(layer.kernel_size, layer.stride, strict=True), start=3):
        windows = windows.unfold(dim, size, stride)
    unfolded = windows.permute(0, 1, 5, 6, 2, 3, 4).flatten(4).flatten(1, 3)
    product = _product(parameters["weight"].flatten(2), unfolded, parameters.get("bias"))
    return product.reshape(*product.shape[:2], *windows.shape[2:5])


def _product(weight: Tensor, columns: Tensor, bias: Tensor | None) -> Tensor:
    """W x + b of each replica: (R, out, in) and (R, in, k) to (R, out, k)."""
    return torch.bmm(weight, columns) if bias is None else torch.baddbmm(bias[:, :, None], weight, columns)


def _linear(_: nn.Linear, parameters: Parameters, values: Tensor) -> Tensor:
    """From (R, n, features) to (R, n, out)."""
    return _product(parameters["weight"], values.mT, parameters.get("bias")).mT


def _pool(layer: nn.Module, _: Parameters, values: Tensor) -> Tensor:
    """From (R, channels, n, h, w) to (R, channels, n, h', w'), in each of which a pool sees an image of its own."""
    pooled: Tensor = layer(values.flatten(0, 1))
    return pooled.reshape(*values.shape[:2], *pooled.shape[1:])


def _flatten(_: nn.Flatten, __: Parameters, values: Tensor) -> Tensor:
    """From (R, channels, n, h, w) to (R, n, channels h w); what is flat stays."""
    return values.transpose(1, 2).flatten(2) if values.dim() == 5 else values


RULES: Mapping[type[nn.Module], Callable[[Any, Parameters, Tensor], Tensor]] = {
    nn.Conv2d: _convolution,
    nn.Linear: _linear,
    nn.MaxPool2d: _pool,
    nn.AdaptiveAvgPool2d: _pool,
    nn.ReLU: lambda layer, _, values: layer(values),
    nn.Flatten: _flatten,
}
"""What each kind of layer does, with channels before images so that no product needs another order of its values."""
