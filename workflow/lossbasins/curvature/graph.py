"""Reads a model as a graph of operations that the structured route knows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.fx
from torch import Tensor, nn

from lossbasins.curvature.convolution import Convolution
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.operations import ChannelwiseLinear, Operation
from lossbasins.curvature.vocabulary import FUNCTIONS, METHODS, MODULES, Offsets


@dataclass(frozen=True)
class Node:
    """An operation and the positions of its inputs; the network's input is position 0, operation i gives i + 1."""

    operation: Operation
    sources: tuple[int, ...]


def read_graph(model: nn.Module, inputs: Tensor, offsets: Offsets) -> list[Node]:
    """The operations of a model in order of execution; the last one gives the outputs.

    Args:
        model: in eval mode.
        inputs: data to try it on, one sample at least.
        offsets: where the chosen parameters stand.

    Raises:
        UnsupportedLayerError: a layer or function outside the vocabulary, named in the message.
    """
    nodes = _traced(model, offsets)
    return _without_shared_weights(nodes, inputs[:1])


def _traced(model: nn.Module, offsets: Offsets) -> list[Node]:
    root = nn.Sequential(model)
    graph = torch.fx.Tracer().trace(root)
    nodes: list[Node] = []
    position: dict[torch.fx.Node, int] = {}
    seen: set[int] = set()
    for node in graph.nodes:
        if node.op == "placeholder":
            position[node] = 0
        elif node.op == "output":
            (result,) = node.args
            if not isinstance(result, torch.fx.Node) or position.get(result) != len(nodes):
                raise UnsupportedLayerError("the model's output is not the result of its last layer")
        else:
            operations = _operations(node, root, offsets, seen)
            sources = tuple(position[source] for source in node.all_input_nodes)
            for operation in operations:
                nodes.append(Node(operation, sources))
                sources = (len(nodes),)
            position[node] = sources[0]
    if not nodes:
        raise UnsupportedLayerError("the model does nothing")
    return nodes


def _operations(node: torch.fx.Node, root: nn.Module, offsets: Offsets, seen: set[int]) -> list[Operation]:
    """What one traced node does, as a chain of operations."""
    arguments = [argument for argument in node.args if not isinstance(argument, torch.fx.Node)]
    settings = {name: value for name, value in node.kwargs.items() if name != "input"}
    rule: Callable[..., list[Operation] | None] | None
    if node.op == "call_module":
        module = root.get_submodule(str(node.target))
        place = str(node.target).partition(".")[2]  # without the wrapping Sequential
        name = f"{place} ({type(module).__name__})".strip()
        own = {id(parameter) for parameter in module.parameters()} & offsets.keys()
        if own & seen:
            raise UnsupportedLayerError(f"{name} is used twice, or its parameters are")
        seen |= own
        rule = MODULES.get(type(module))
        operations = rule(module, offsets) if rule and not arguments and not settings else None
    else:
        table: dict[Any, Callable[..., list[Operation] | None]] = FUNCTIONS if node.op == "call_function" else METHODS
        name = str(getattr(node.target, "__name__", node.target))
        rule = table.get(node.target)
        operations = rule(node, *arguments, **settings) if rule else None
    if operations is None:
        raise UnsupportedLayerError(f"no rule for the layer {name}")
    return operations


@torch.no_grad()
def _without_shared_weights(nodes: list[Node], inputs: Tensor) -> list[Node]:
    """Convolutions that end in one place turned into dense layers on (mean) patches, an exact rewriting.

    A convolution whose output has one place is a dense layer on a patch; one that a linear pool reduces to one place is
    a dense layer on the pooled patches. Dense layers have Kronecker blocks, which cost far less.
    """
    values: list[Tensor] = [inputs]
    for node in nodes:
        values.append(node.operation.run(*(values[source] for source in node.sources))[0])
    chains: dict[int, list[Operation]] = {}
    for position, node in enumerate(nodes, start=1):
        operation = node.operation
        if not isinstance(operation, Convolution):
            continue
        consumers = [number for number, other in enumerate(nodes, start=1) if position in other.sources]
        pool = nodes[consumers[0] - 1].operation if len(consumers) == 1 else None
        image = values[node.sources[0]].shape[2:]
        if values[position].shape[2:].numel() == 1:
            chains[position] = [operation.patch_pool(image, None), operation.dense()]
        elif isinstance(pool, ChannelwiseLinear) and _averages(pool, values[position], values[consumers[0]]):
            chains[position] = [operation.patch_pool(image, pool)]
            chains[consumers[0]] = [operation.dense()]
    return _replaced(nodes, chains)


def _averages(pool: ChannelwiseLinear, source: Tensor, output: Tensor) -> bool:
    """Whether a linear pool takes a (weighted) mean over all places."""
    one = pool.function(torch.ones_like(source))
    return output.shape[2:].numel() == 1 and bool(torch.allclose(one, torch.ones_like(one), rtol=1e-6))


def _replaced(nodes: list[Node], chains: dict[int, list[Operation]]) -> list[Node]:
    """The graph with the operation at each given position replaced by a chain."""
    result: list[Node] = []
    moved = {0: 0}
    for position, node in enumerate(nodes, start=1):
        sources = tuple(moved[source] for source in node.sources)
        for operation in chains.get(position, [node.operation]):
            result.append(Node(operation, sources))
            sources = (len(result),)
        moved[position] = sources[0]
    return result
