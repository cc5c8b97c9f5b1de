"""Reads a model as a program, as torch.fx traces it."""

import operator
from collections.abc import Callable, Sequence

import torch
import torch.fx
from torch import Tensor, nn
from typing_extensions import override

from lossbasins.curvature.building import Builder
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.program import Place, Program, Value
from lossbasins.curvature.translation import called, module

OUT_OF_PLACE: dict[Value, Value] = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
}


def traced_program(model: nn.Module, chosen: Sequence[nn.Parameter], inputs: Tensor) -> tuple[Program, Tensor]:
    """What a model computes, as far as it does not look at numbers; operations in place are taken out of place.

    Args:
        model: in eval mode.
        chosen: parameters that are differentiated in.
        inputs: some samples, to try it on.

    Returns:
        The program, and its outputs for these samples: where they are not the model's, it does something else.

    Raises:
        UnsupportedLayerError: an operation that cannot be taken out of place.
        Exception: whatever the forward raises when it is traced.
    """
    root = nn.Sequential(model)
    taken = {id(parameter) for parameter in chosen}
    fixed = [parameter for parameter in model.parameters() if id(parameter) not in taken]
    builder = Builder([*chosen, *fixed], len(chosen), inputs)
    results: dict[torch.fx.Node, Value] = {}
    for node in _Tracer().trace(root).nodes:
        arguments = torch.fx.node.map_arg(node.args, results.__getitem__)
        settings = torch.fx.node.map_arg(node.kwargs, results.__getitem__)
        if node.op == "output":
            return builder.program(arguments[0])
        if node.op == "placeholder":
            results[node] = Place(0)
        elif node.op == "get_attr":
            results[node] = builder.given(operator.attrgetter(str(node.target))(root))
        elif node.op == "call_module":
            results[node] = module(builder, root.get_submodule(str(node.target)), *arguments, **settings)
        else:
            results[node] = _result(builder, node, arguments, settings)
    raise UnsupportedLayerError("the model gives nothing")


def _result(builder: Builder, node: torch.fx.Node, arguments: Value, settings: Value) -> Value:
    """Of a function or method."""
    if node.target is operator.getitem and isinstance(arguments[0], tuple):
        return arguments[0][arguments[1]]
    settings = {name: value for name, value in settings.items() if name != "inplace"}
    if "out" in settings or node.target is operator.setitem:
        raise UnsupportedLayerError("the model writes to a tensor")
    if node.op == "call_method":
        name = str(node.target)
        name = name[:-1] if name.endswith("_") and not name.endswith("__") else name
        return called(builder, name, _method(name), *arguments, **settings)
    function: Value = OUT_OF_PLACE.get(node.target, node.target)
    if getattr(function, "__name__", "").endswith("_") and not function.__name__.endswith("__"):
        function = getattr(torch, function.__name__[:-1])
    return called(builder, function, function, *arguments, **settings)


def _method(name: str) -> Callable[..., Value]:
    def call(values: Value, *arguments: Value, **settings: Value) -> Value:
        return getattr(values, name)(*arguments, **settings)

    return call


class _Tracer(torch.fx.Tracer):
    """Goes into the layers of transformers, which torch.nn has but which consist of others."""

    @override
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        inside = isinstance(m, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer | nn.TransformerDecoder)
        return not inside and super().is_leaf_module(m, module_qualified_name)

    @override
    def call_module(
        self, m: nn.Module, forward: Callable[..., Value], args: tuple[Value, ...], kwargs: dict[str, Value]
    ) -> Value:
        if type(m) is nn.TransformerEncoder and len(args) == 1 and not kwargs:
            (values,) = args
            for layer in m.layers:
                values = layer(values)
            return values if m.norm is None else m.norm(values)
        return super().call_module(m, forward, args, kwargs)
