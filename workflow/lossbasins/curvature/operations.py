"""The operations a structured network is made of: how values, signals and tangents pass each of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature import tangents
from lossbasins.curvature.tangents import Tangent

Function = Callable[[Tensor], Tensor]

State = tuple[Tensor, ...]
"""What an operation keeps of a forward pass."""


class Operation(ABC):
    """One node of a network.

    `run` gives the output and a state, which the other methods take back together with the inputs.
    """

    @abstractmethod
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """Output (n, ...) and whatever the other methods need."""

    @abstractmethod
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """Cotangents (k, n, ...) of the output as cotangents of each input."""

    @abstractmethod
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """A tangent of one input, counted by `source`, as a tangent of the output."""


class Pointwise(Operation):
    """A function of each entry alone.

    Args:
        function: out of place.
        piecewise_linear: whether its second derivative is zero wherever it exists.
    """

    def __init__(self, function: Function, *, piecewise_linear: bool) -> None:
        self.function = function
        self.piecewise_linear = piecewise_linear

    @override
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """The state is the first derivative and, unless piecewise linear, the second one."""
        with torch.enable_grad():
            point = inputs[0].detach().requires_grad_()
            output = self.function(point)
            (slope,) = torch.autograd.grad(output.sum(), point, create_graph=not self.piecewise_linear)
            if self.piecewise_linear:
                return output.detach(), (slope,)
            (bend,) = torch.autograd.grad(slope.sum(), point)
        return output.detach(), (slope.detach(), bend)

    @override
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """Times the slope."""
        return [signal * state[0]]

    @override
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """Times the slope."""
        return tangent.scaled(state[0])


class ChannelwiseLinear(Operation):
    """A fixed linear map that acts on every channel of (n, channels, height, width) alike, such as average pooling."""

    def __init__(self, function: Function) -> None:
        self.function = function

    @override
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """No state."""
        return self.function(inputs[0]), ()

    @override
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """The adjoint, by differentiating the map."""
        (source,) = inputs
        with torch.enable_grad():
            point = source.new_zeros(len(signal) * len(source), *source.shape[1:]).requires_grad_()
            (cotangent,) = torch.autograd.grad(self.function(point), point, signal.flatten(0, 1))
        return [cotangent.reshape(*signal.shape[:2], *source.shape[1:])]

    @override
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """The map itself, channel by channel."""
        values = tangent.full()
        n, q, channels = values.shape[:3]
        output = self.function(values.flatten(0, 1))
        space = output.shape[2:] if output.dim() == 4 else (output.shape[1] // channels,)
        return Tangent(output.reshape(n, q, channels, *space), channels, tangent.diagonal, factor=tangent.factor)


class MaxPool(Operation):
    """Max pooling of (n, channels, height, width).

    Args:
        function: gives output and flat indices, as torch's pools do with `return_indices=True`.
    """

    def __init__(self, function: Callable[[Tensor], tuple[Tensor, Tensor]]) -> None:
        self.function = function

    @override
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """The state is where each maximum was taken."""
        output, where = self.function(inputs[0])
        return output, (where,)

    @override
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """Back to where the maxima were taken."""
        (source,) = inputs
        cotangent = source.new_zeros(len(signal), *source.shape).flatten(3)
        where = state[0].flatten(2)[None].expand(len(signal), -1, -1, -1)
        cotangent.scatter_add_(3, where, signal.flatten(3))
        return [cotangent.reshape(len(signal), *source.shape)]

    @override
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """Picks the entries of the maxima; a pending scale is picked too, and not applied."""
        n, q = tangent.values.shape[:2]
        shape = state[0].shape[1:]
        where = state[0].flatten(2)
        values = tangent.values.flatten(3).expand(-1, -1, tangent.channels, -1)
        picked = values.gather(3, where[:, None].expand(-1, q, -1, -1)).reshape(n, q, *shape)
        scale = None if tangent.scale is None else tangent.scale.flatten(2).gather(2, where).reshape(n, *shape)
        return Tangent(picked, tangent.channels, tangent.diagonal, scale, tangent.factor)


class Flatten(Operation):
    """All but the sample dimension in one."""

    @override
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """No state."""
        return inputs[0].flatten(1), ()

    @override
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """The shape of the input."""
        return [signal.reshape(len(signal), *inputs[0].shape)]

    @override
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """Places in one dimension, channels kept apart."""
        return tangent.flattened()


class Add(Operation):
    """The sum of two branches."""

    @override
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """No state."""
        first, second = inputs
        return first + second, ()

    @override
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """The same for both."""
        return [signal, signal]

    @override
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """Unchanged; the engine sums the branches."""
        return tangent


def merged(first: dict[int, Tangent], second: dict[int, Tangent]) -> dict[int, Tangent]:
    """The sum of two sets of tangents of one activation, keyed by layer."""
    total = dict(first)
    for layer, tangent in second.items():
        total[layer] = tangents.add(total[layer], tangent) if layer in total else tangent
    return total
