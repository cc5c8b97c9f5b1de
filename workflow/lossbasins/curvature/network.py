"""A network of operations: values, signals and tangents through it, and what they add to a matrix."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lossbasins.curvature.bending import add_bending
from lossbasins.curvature.convolution import Convolution
from lossbasins.curvature.dense import Dense
from lossbasins.curvature.factored import DenseFactor
from lossbasins.curvature.graph import Node
from lossbasins.curvature.layers import Layer
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operations import Add, Pointwise, State, merged
from lossbasins.curvature.shortcut import find_shortcuts
from lossbasins.curvature.symmetric import LayerParameters, SymmetricMatrix
from lossbasins.curvature.tangents import Tangent


class Network:
    """A graph of operations; node i + 1 is the result of operation i, node 0 the input."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = list(enumerate(nodes, start=1))
        self.layers = {
            position: node.operation
            for position, node in self.nodes
            if isinstance(node.operation, Layer) and node.operation.parameters.columns
        }
        """Those with parameters that are chosen."""
        self._depends = {0: False}
        for position, node in self.nodes:
            self._depends[position] = position in self.layers or any(self._depends[source] for source in node.sources)
        self._used = dict.fromkeys(self._depends, False)
        for position, node in reversed(self.nodes):
            if self._used[position] or position in self.layers or _is_smooth(node):
                for source in node.sources:
                    self._used[source] = True
        self._shortcuts = find_shortcuts(nodes)

    def run(self, inputs: Tensor) -> tuple[list[Tensor], dict[int, State]]:
        """Values of all nodes and states of all operations."""
        values = [inputs]
        states: dict[int, State] = {}
        for position, node in self.nodes:
            value, states[position] = node.operation.run(*(values[source] for source in node.sources))
            values.append(value)
        return values, states

    def pull(self, seeds: Tensor, values: Sequence[Tensor], states: dict[int, State]) -> dict[int, Tensor]:
        """Cotangents (k, n, ...) of every node that depends on parameters, from those of the outputs."""
        signals = {len(self.nodes): seeds}
        for position, node in reversed(self.nodes):
            if not any(self._depends[source] for source in node.sources):
                continue
            pulled = node.operation.pull(signals[position], states[position], *(values[s] for s in node.sources))
            for source, signal in zip(node.sources, pulled, strict=True):
                if self._depends[source]:
                    signals[source] = signals[source] + signal if source in signals else signal
        return signals

    def gradient(self, like: Tensor, signals: dict[int, Tensor], states: dict[int, State]) -> Tensor:
        """The gradient, of the shape (P,) of a parameter vector, that one signal (1, n, ...) for each node gives."""
        total = torch.zeros_like(like)
        pieces, dense = self.root(signals, states)
        for parameters, signal, inputs in dense:
            rows = signal[:, 0].T @ inputs
            pieces += [(offset, rows[:, columns].reshape(1, 1, -1)) for offset, columns in parameters.parts()]
        for offset, piece in pieces:
            total[offset : offset + piece.shape[2]] += piece.sum((0, 1))
        return total

    def root(
        self, signals: dict[int, Tensor], states: dict[int, State]
    ) -> tuple[list[tuple[int, Tensor]], list[DenseFactor]]:
        """Rows (n, k, width) with their offsets, and the factors of dense layers' rows, that the signals give."""
        pieces: list[tuple[int, Tensor]] = []
        dense: list[DenseFactor] = []
        for position, layer in self.layers.items():
            if isinstance(layer, Dense):
                dense.append((layer.parameters, signals[position].flatten(2).transpose(0, 1), states[position][0]))
                continue
            rows = layer.rows(signals[position], states[position])
            pieces += [(offset, rows[..., columns].flatten(2)) for offset, columns in layer.parameters.parts()]
        return pieces, dense

    def add_gauss_newton(self, total: SymmetricMatrix, signals: dict[int, Tensor], states: dict[int, State]) -> None:
        """Add the Gram matrix of the rows that the signals give."""
        pieces, dense = self.root(signals, states)
        total.add_gram([(offset, piece.flatten(0, 1)) for offset, piece in pieces])
        for number, (parameters, signal, inputs) in enumerate(dense):
            for other, other_signal, other_inputs in dense[number:]:
                total.add_kronecker(parameters, other, signal.transpose(1, 2) @ other_signal, inputs, other_inputs)
            for offset, piece in pieces:
                _add_mixed(total, offset, piece.transpose(1, 2) @ signal, parameters, inputs)

    def add_residual(self, total: SymmetricMatrix, signals: dict[int, Tensor], states: dict[int, State]) -> None:
        """Add the curvature of the network itself, weighted with the signals."""
        parameters = {position: layer.parameters for position, layer in self.layers.items()}
        tangents: dict[int, dict[int, Tangent]] = {0: {}}
        early: dict[int, dict[int, Tangent]] = {}
        remaining = {source: sum(source in node.sources for _, node in self.nodes) for source in self._depends}
        for position, node in self.nodes:
            operation, state = node.operation, states[position]
            incoming = [tangents[source] for source in node.sources]
            if position in self.layers:
                if parameters[position].width:
                    for layer, tangent in incoming[0].items():
                        self.layers[position].cross(signals[position], tangent, state, parameters[layer], total)
            elif isinstance(operation, Pointwise) and not operation.piecewise_linear and incoming[0]:
                add_bending(total, signals[position] * state[1], incoming[0], parameters)
            outgoing = early.pop(position, {})
            if self._used[position]:
                for number, branch in enumerate(incoming):
                    shortcut = self._shortcuts.get(position)
                    if shortcut and shortcut.pays(branch.values(), states):
                        early[shortcut.pool] = {layer: shortcut.push(branch[layer], states) for layer in branch}
                        continue
                    pushed = {layer: operation.push(tangent, state, number) for layer, tangent in branch.items()}
                    outgoing = merged(outgoing, pushed)
                if position in self.layers:
                    outgoing[position] = self.layers[position].start(state)
            tangents[position] = outgoing
            for source in node.sources:
                remaining[source] -= 1
                if remaining[source] == 0:
                    tangents[source] = {}

    def chunk(self, objective: Objective, workspace: int) -> int:
        """How many samples fit into the workspace, with all values, or the widest tangents of all layers, twice."""
        sample, _ = self.run(objective.some(1)[0])
        widest = max(objective.size * sample[-1].numel(), sum(value.numel() for value in sample))
        counts: dict[int, dict[int, int]] = {0: {}}
        for position, node in self.nodes:
            counts[position] = {layer: count for source in node.sources for layer, count in counts[source].items()}
            if isinstance(node.operation, Dense | Convolution | Add):
                counts[position] = {layer: self.layers[layer].parameters.size for layer in counts[position]}
            if position in self.layers:
                counts[position][position] = self.layers[position].parameters.columns
            if self._used[position]:
                widest = max(widest, sum(counts[position].values()) * sample[position].numel())
        return max(1, workspace // (2 * widest * objective.dtype.itemsize))


def _is_smooth(node: Node) -> bool:
    return isinstance(node.operation, Pointwise) and not node.operation.piecewise_linear


def _add_mixed(total: SymmetricMatrix, offset: int, pairs: Tensor, parameters: LayerParameters, inputs: Tensor) -> None:
    """Add sum_n pairs[n, p, o] inputs[n, a] at (offset + p), (o, a): rows of one layer against a dense one."""
    _, height, channels = pairs.shape
    block = (pairs.flatten(1).T @ inputs).reshape(height, channels, -1)
    for column, part in parameters.parts():
        width = part.stop - part.start
        total.region(offset, height, column, channels * width).view(height, channels, width).add_(block[..., part])
