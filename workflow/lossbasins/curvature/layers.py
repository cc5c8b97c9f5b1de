"""Operations with parameters: beside values, signals and tangents they give rows of the Jacobian and cross blocks."""

from abc import abstractmethod

import torch
from torch import Tensor

from lossbasins.curvature.operations import Operation, State
from lossbasins.curvature.symmetric import LayerParameters, SymmetricMatrix
from lossbasins.curvature.tangents import Tangent


class UnsupportedLayerError(ValueError):
    """The structured route has no rule for a layer of the model."""


class Layer(Operation):
    """An operation that is linear in its input and linear in its parameters."""

    def __init__(self, parameters: LayerParameters) -> None:
        self.parameters = parameters

    @abstractmethod
    def start(self, state: State) -> Tangent:
        """The tangent of the output in the layer's own parameters."""

    @abstractmethod
    def rows(self, signal: Tensor, state: State) -> Tensor:
        """Derivatives (n, k, channels, columns) of the outputs' k combinations, given as a signal (k, n, ...)."""

    @abstractmethod
    def cross(
        self, signal: Tensor, tangent: Tangent, state: State, source: LayerParameters, total: SymmetricMatrix
    ) -> None:
        """Add the second derivative in an earlier layer's parameters and this layer's weight.

        It is the weight gradient for the fixed signal (n, ...) with the input replaced by its tangents. The bias has
        none: its gradient is the signal itself.
        """


def with_bias(values: Tensor, parameters: LayerParameters, dim: int) -> Tensor:
    """Values, where the layer's weight is chosen, with ones appended along a dimension, where its bias is."""
    if not parameters.width:
        values = values.narrow(dim, 0, 0)
    if parameters.bias is None:
        return values
    shape = [*values.shape]
    shape[dim] = 1
    return torch.cat([values, values.new_ones(shape)], dim=dim)
