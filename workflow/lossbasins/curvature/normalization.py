"""Batch norm in eval mode."""

import torch
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature.layers import Layer, with_bias
from lossbasins.curvature.operations import State
from lossbasins.curvature.symmetric import LayerParameters, SymmetricMatrix
from lossbasins.curvature.tangents import Tangent


class ChannelAffine(Layer):
    """y = weight (x - mean) / deviation + bias for every channel, as batch norm in eval mode."""

    def __init__(
        self, parameters: LayerParameters, weight: Tensor, bias: Tensor | None, mean: Tensor, inverse: Tensor
    ) -> None:
        super().__init__(parameters)
        self.weight = weight
        self.bias = bias
        self.mean = mean
        self.inverse = inverse

    @override
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """The state is the standardised input and, for the bias, ones: (n, columns, channels, *space)."""
        (source,) = inputs
        ones = [1] * (source.dim() - 2)
        standard = (source - self.mean.reshape(-1, *ones)) * self.inverse.reshape(-1, *ones)
        output = standard * self.weight.reshape(-1, *ones)
        if self.bias is not None:
            output = output + self.bias.reshape(-1, *ones)
        return output, (with_bias(standard[:, None], self.parameters, dim=1),)

    @override
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """Times weight over deviation."""
        return [signal * (self.weight * self.inverse).reshape(-1, *[1] * (signal.dim() - 3))]

    @override
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """Times weight over deviation."""
        return tangent.scaled(self._slope(self.weight * self.inverse, state))

    @override
    def start(self, state: State) -> Tangent:
        """The standardised input and ones."""
        values = state[0] if state[0].dim() > 3 else state[0][..., None]
        return Tangent(values, self.parameters.channels, diagonal=True)

    @override
    def cross(
        self, signal: Tensor, tangent: Tangent, state: State, source: LayerParameters, total: SymmetricMatrix
    ) -> None:
        """The tangents of the standardised input, weighted with the signal and summed over places."""
        if tangent.is_outer:
            tangent = tangent.densified()
        slope = self._slope(self.inverse, state) * signal
        values = tangent.scaled(slope).flattened().full()
        if self.parameters.channels == tangent.channels:
            values = values.sum(3, keepdim=True)
        if tangent.diagonal:
            total.add_diagonal(source, self.parameters, values.sum(0)[:, None])
        elif tangent.factor is not None:
            block = tangent.factor.T @ values.flatten(1)
            rows = block.reshape(source.columns, source.channels, -1).transpose(0, 1)
            total.add_rows(source, self.parameters, rows)
        else:
            total.add_rows(source, self.parameters, values.sum(0).reshape(source.channels, source.columns, -1))

    @override
    def rows(self, signal: Tensor, state: State) -> Tensor:
        """Sums over places of signal times standardised input."""
        flat = state[0].flatten(3) if state[0].dim() > 3 else state[0][..., None]
        return torch.einsum("kncs,nacs->nkca", signal.reshape(*signal.shape[:3], -1), flat)

    @staticmethod
    def _slope(channelwise: Tensor, state: State) -> Tensor:
        shape = state[0].shape[0], *state[0].shape[2:]
        return channelwise.reshape(-1, *[1] * (len(shape) - 2)).expand(shape)
