"""Modules of torch in the steps of a program, and which functions have quicker derivatives than torch's."""

import operator
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from lossbasins.curvature.building import Builder
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.program import Kind, Place, Value
from lossbasins.curvature.steps import Affine, Rearrangement, Step, Sum
from lossbasins.curvature.written import Entrywise, Linear, Product, Scaling, Softmax, Standardising, standardised

ENTRYWISE = frozenset(
    {
        *(torch.relu, torch.tanh, torch.sigmoid, torch.exp, torch.sin, torch.cos, torch.square),
        *(F.relu, F.gelu, F.silu, F.softplus, F.leaky_relu, F.elu, F.mish, F.relu6, F.hardtanh, F.tanh, F.sigmoid),
        *("relu", "tanh", "sigmoid", "exp", "sin", "cos", "square"),
        *(
            nn.ReLU,
            nn.LeakyReLU,
            nn.ReLU6,
            nn.Hardtanh,
            nn.Tanh,
            nn.Sigmoid,
            nn.Softplus,
            nn.GELU,
            nn.SiLU,
            nn.ELU,
            nn.Mish,
        ),
    }
)
"""Functions, methods and modules of one operand that act on each entry alone."""

LINEAR = frozenset(
    {
        *(
            torch.flatten,
            torch.reshape,
            torch.transpose,
            torch.permute,
            torch.unsqueeze,
            torch.squeeze,
            torch.unflatten,
        ),
        *(torch.mean, torch.sum, torch.roll, torch.flip, torch.chunk, torch.split, operator.neg, operator.getitem),
        *(F.avg_pool2d, F.adaptive_avg_pool2d),
        *("neg", "reshape", "view", "flatten", "unflatten", "transpose", "permute", "unsqueeze", "squeeze", "expand"),
        *("mean", "sum", "contiguous", "roll", "flip", "chunk", "split", "repeat"),
        *(nn.Flatten, nn.Unflatten, nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool2d),
    }
)
"""Functions, methods and modules that are linear in one operand."""

AFFINE = frozenset({torch.add, torch.sub, operator.add, operator.sub, "add", "sub", torch.cat, torch.stack, F.pad})
"""Those that are affine in all operands together."""

SUMS = frozenset({operator.add, torch.add, "add"})

PRODUCTS = frozenset({operator.mul, torch.mul, "mul"})

QUOTIENTS = frozenset({operator.truediv, torch.div, "div"})

MATRIX_PRODUCTS = frozenset({operator.matmul, torch.matmul, torch.bmm, "matmul", "bmm"})

SOFTMAX = frozenset({torch.softmax, F.softmax, "softmax"})

NOTHING = (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
"""Modules that do nothing in eval mode."""


def called(
    builder: Builder, target: Value, function: Callable[..., Value], *arguments: Value, **settings: Value
) -> Value:
    """The result of a function that is known by a target."""
    return builder.call(function, *arguments, kind=_kind(builder, target, arguments, settings), **settings)


def _kind(builder: Builder, target: Value, arguments: Sequence[Value], settings: Mapping[str, Value]) -> Kind:
    """The quickest derivatives that are right for some arguments."""
    moving = [argument for argument in [*arguments, *settings.values()] if builder.is_moving(argument)]
    shapes = [builder.shape(place) for place in moving]
    one = len(moving) == 1 and moving[0] is arguments[0]
    two = len(moving) == len(arguments) == 2 and moving[0] != moving[1] and not settings
    if two and target in SUMS:
        return Sum
    if two and target in PRODUCTS and shapes[0] == np.broadcast_shapes(*shapes):
        return Scaling
    if two and target in MATRIX_PRODUCTS and shapes[0][:-2] == shapes[1][:-2] and min(map(len, shapes)) > 1:
        return Product
    if target in AFFINE or (one and target in PRODUCTS | QUOTIENTS):
        return Affine
    if one and target in ENTRYWISE:
        return Entrywise
    if one and target in LINEAR:
        return Rearrangement
    if one and target in SOFTMAX and (*arguments[1:], settings.get("dim"))[0] in (-1, len(shapes[0]) - 1):
        return Softmax
    return Linear if target is F.linear and isinstance(arguments[1], Place) else Step


def module(builder: Builder, layer: nn.Module, *arguments: Value, **settings: Value) -> Value:
    """The result of a module."""
    if isinstance(layer, NOTHING):
        return arguments[0]
    if isinstance(layer, nn.RNNBase):
        raise UnsupportedLayerError(f"a {type(layer).__name__}, whose fused kernels have no forward mode")
    if isinstance(layer, nn.MultiheadAttention):
        return _attention(builder, layer, *arguments, **settings)
    rule = RULES.get(type(layer))
    if rule is not None and not settings:
        return rule(builder, layer, *arguments)
    bare = deepcopy(layer)
    bare._forward_hooks.clear()
    bare._forward_pre_hooks.clear()
    if hasattr(bare, "inplace"):
        setattr(bare, "inplace", False)  # noqa: B010 - unknown to the type checker
    names = [name for name, _ in layer.named_parameters()]
    if not names:
        return called(builder, type(layer), bare, *arguments, **settings)
    parameters = [builder.given(parameter) for parameter in layer.parameters()]
    return builder.call(partial(_run, bare, names), parameters, *arguments, **settings)


def _run(layer: nn.Module, names: list[str], parameters: list[Tensor], *arguments: Value, **settings: Value) -> Value:
    return functional_call(layer, dict(zip(names, parameters, strict=True)), arguments, settings)


def _parameter(builder: Builder, tensor: Tensor | None) -> Place | None:
    """The place of a layer's parameter."""
    place = builder.given(tensor)
    if isinstance(place, Tensor):
        raise UnsupportedLayerError("a layer's weights that are no parameters, but computed")
    found: Place | None = place
    return found


def _linear(builder: Builder, layer: nn.Linear, inputs: Place) -> Value:
    return builder.call(
        F.linear, inputs, _parameter(builder, layer.weight), _parameter(builder, layer.bias), kind=Linear
    )


def _layer_norm(builder: Builder, layer: nn.LayerNorm, inputs: Place) -> Value:
    shape = layer.normalized_shape
    flat = builder.call(torch.flatten, inputs, -len(shape), kind=Rearrangement) if len(shape) > 1 else inputs
    values = _standard(builder, flat, layer.eps)
    if len(shape) > 1:
        values = builder.call(torch.unflatten, values, -1, shape, kind=Rearrangement)
    return _scaled(builder, values, _parameter(builder, layer.weight), _parameter(builder, layer.bias))


def _group_norm(builder: Builder, layer: nn.GroupNorm, inputs: Place) -> Value:
    _, channels, *space = builder.shape(inputs)
    groups = builder.call(_grouped, inputs, layer.num_groups, kind=Rearrangement)
    values = builder.call(torch.flatten, _standard(builder, groups, layer.eps), 1, kind=Rearrangement)
    values = builder.call(torch.unflatten, values, 1, (channels, *space), kind=Rearrangement)
    shape = (channels, *[1] * len(space))
    given = [
        None
        if parameter is None
        else builder.call(torch.reshape, _parameter(builder, parameter), shape, kind=Rearrangement)
        for parameter in (layer.weight, layer.bias)
    ]
    return _scaled(builder, values, *given)


def _grouped(values: Tensor, groups: int) -> Tensor:
    return values.reshape(len(values), groups, -1)


def _standard(builder: Builder, values: Place, eps: float) -> Place:
    place: Place = builder.call(standardised, values, eps, kind=partial(Standardising, eps=eps))
    return place


def _scaled(builder: Builder, values: Place, weight: Value, bias: Value) -> Place:
    if weight is None:
        return values
    place: Place = builder.call(_multiplied, values, weight, bias, kind=Scaling)
    return place


def _multiplied(values: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return values * weight if bias is None else torch.addcmul(bias, values, weight)


def _embedding(builder: Builder, layer: nn.Embedding, inputs: Place) -> Value:
    if layer.max_norm is not None or layer.scale_grad_by_freq:
        raise UnsupportedLayerError("an Embedding that changes its weight or its gradient")
    return builder.call(_looked_up, inputs, _parameter(builder, layer.weight), layer.padding_idx, kind=Affine)


def _looked_up(tokens: Tensor, weight: Tensor, padding: int | None) -> Tensor:
    if padding is not None:  # no derivative is taken in this row
        moves = torch.arange(len(weight), device=weight.device)[:, None] != padding
        weight = torch.where(moves, weight, weight.detach())
    return F.embedding(tokens, weight)


def _attention(builder: Builder, layer: nn.MultiheadAttention, *arguments: Value, **settings: Value) -> Value:
    """Its projections as linear layers; without masks."""
    query, key, value, *masks = arguments
    masks += [settings.get(name) for name in ("key_padding_mask", "attn_mask")]
    if any(mask is not None and mask is not False for mask in masks) or layer.bias_k is not None or layer.add_zero_attn:
        raise UnsupportedLayerError("MultiheadAttention with a mask or added keys")
    width = layer.embed_dim
    if layer._qkv_same_embed_dim:
        given = [layer.in_proj_weight] * 3
    else:
        given = [layer.q_proj_weight, layer.k_proj_weight, layer.v_proj_weight]
    weights = [_parameter(builder, weight) for weight in given]
    bias = _parameter(builder, layer.in_proj_bias)
    if query == key == value and layer._qkv_same_embed_dim:
        mixed = builder.call(F.linear, query, weights[0], bias, kind=Linear)
        parts = builder.call(torch.chunk, mixed, 3, -1, kind=Rearrangement)
    else:
        parts = []
        for i, source in enumerate((query, key, value)):
            rows = slice(i * width, (i + 1) * width)
            weight = (
                builder.call(_rows, weights[i], rows, kind=Rearrangement) if layer._qkv_same_embed_dim else weights[i]
            )
            own = None if bias is None else builder.call(_rows, bias, rows, kind=Rearrangement)
            parts.append(builder.call(F.linear, source, weight, own, kind=Linear))
    first = 1 if layer.batch_first else 0
    parts = [builder.call(_by_head, part, layer.num_heads, first, kind=Rearrangement) for part in parts]
    mixed = builder.call(_together, attended(builder, *parts), first, kind=Rearrangement)
    return _linear(builder, layer.out_proj, mixed), None


def _rows(values: Tensor, rows: slice) -> Tensor:
    return values[rows]


def attended(builder: Builder, query: Place, key: Place, value: Place) -> Place:
    """Scaled dot-product attention on (..., places, features)."""
    scaled = builder.call(torch.div, query, builder.shape(query)[-1] ** 0.5, kind=Rearrangement)
    scores = builder.call(torch.matmul, scaled, builder.call(_transposed, key, kind=Rearrangement), kind=Product)
    place: Place = builder.call(
        torch.matmul, builder.call(torch.softmax, scores, -1, kind=Softmax), value, kind=Product
    )
    return place


def _transposed(values: Tensor) -> Tensor:
    return values.mT


def _by_head(values: Tensor, heads: int, places: int) -> Tensor:
    """From features in the last dimension to (n, heads, places, features)."""
    apart = values.reshape(*values.shape[:-1], heads, -1)
    return apart.transpose(1, 2) if places == 1 else apart.permute(1, 2, 0, 3)


def _together(values: Tensor, places: int) -> Tensor:
    """Back from (n, heads, places, features)."""
    return values.transpose(1, 2).flatten(2) if places == 1 else values.permute(2, 0, 1, 3).flatten(2)


RULES: dict[type[nn.Module], Callable[..., Value]] = {
    nn.Linear: _linear,
    nn.LayerNorm: _layer_norm,
    nn.GroupNorm: _group_norm,
    nn.Embedding: _embedding,
}
"""Modules that consist of steps with quicker derivatives; any other is one step of its own."""
