"""Fully connected layers."""

import torch.nn.functional as F
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature.layers import Layer, UnsupportedLayerError, with_bias
from lossbasins.curvature.operations import State
from lossbasins.curvature.symmetric import LayerParameters, SymmetricMatrix
from lossbasins.curvature.tangents import Tangent


class Dense(Layer):
    """y = W x + b on (n, features).

    Args:
        parameters: where weight and bias stand.
        weight: shape (channels, features).
        bias: shape (channels,) or None.
        space: of the output (n, channels, *space), all ones.
    """

    def __init__(
        self, parameters: LayerParameters, weight: Tensor, bias: Tensor | None, space: tuple[int, ...]
    ) -> None:
        super().__init__(parameters)
        self.weight = weight
        self.bias = bias
        self.space = space

    @override
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """The state is the input, with a one for the bias: (n, columns)."""
        if inputs[0].dim() != 2:
            raise UnsupportedLayerError(f"no rule for Linear on inputs of shape {tuple(inputs[0].shape)}")
        output = F.linear(inputs[0], self.weight, self.bias)
        return output.reshape(*output.shape, *self.space), (with_bias(inputs[0], self.parameters, dim=1),)

    @override
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """W^T s."""
        return [signal.flatten(2) @ self.weight]

    @override
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """Mixes all channels, so the result is dense or factored."""
        if tangent.is_outer:
            mixing = self.weight.T[None].expand(len(tangent.values), -1, -1)
            if tangent.scale is not None:
                mixing = mixing * tangent.scale.flatten(1)[:, :, None]
            values, factor = mixing, tangent.values.flatten(1)
        elif tangent.diagonal:
            n, a, c, _ = (flat := tangent.flattened().full()).shape
            weight = self.weight.reshape(len(self.weight), c, -1).permute(1, 2, 0)
            values = (flat.permute(2, 0, 1, 3).reshape(c, n * a, -1) @ weight).reshape(c, n, a, -1).transpose(0, 1)
            values, factor = values.flatten(1, 2), None
        else:
            values, factor = tangent.full().flatten(2) @ self.weight.T, tangent.factor
        space = self.space or (1,)
        return Tangent(values.reshape(*values.shape, *space), values.shape[2], diagonal=False, factor=factor)

    @override
    def rows(self, signal: Tensor, state: State) -> Tensor:
        """Outer products of signals and inputs."""
        return signal.flatten(2).transpose(0, 1)[..., None] * state[0][:, None, None]

    @override
    def start(self, state: State) -> Tangent:
        """Channels share the input."""
        space = self.space or (1,)
        return Tangent(state[0].reshape(*state[0].shape, 1, *space), self.parameters.channels, diagonal=True)

    @override
    def cross(
        self, signal: Tensor, tangent: Tangent, state: State, source: LayerParameters, total: SymmetricMatrix
    ) -> None:
        """Products of the signal (n, channels) with the tangents of the input."""
        signal = signal.flatten(1)
        n, out = signal.shape
        if tangent.is_outer:
            slope = signal.new_ones(n, tangent.channels) if tangent.scale is None else tangent.scale.flatten(1)
            pairs = (signal[:, :, None] * slope[:, None, :]).flatten(1)
            block = tangent.values.flatten(1).T @ pairs
            total.add_diagonal(source, self.parameters, block.reshape(-1, out, tangent.channels, 1))
        elif tangent.diagonal:
            values = tangent.flattened().full()
            block = (signal.T @ values.flatten(1)).reshape(out, *values.shape[1:])
            total.add_diagonal(source, self.parameters, block.transpose(0, 1))
        elif tangent.factor is not None:
            values = tangent.full().flatten(2)
            pairs = (tangent.factor[:, :, None] * signal[:, None, :]).flatten(1)
            block = (pairs.T @ values.flatten(1)).reshape(-1, out, *values.shape[1:])
            total.add_rows(source, self.parameters, block.permute(2, 0, 1, 3).flatten(2))
        else:
            values = tangent.full().flatten(2)
            block = (signal.T @ values.flatten(1)).reshape(out, *values.shape[1:]).transpose(0, 1)
            total.add_rows(source, self.parameters, block.reshape(source.channels, source.columns, -1))
