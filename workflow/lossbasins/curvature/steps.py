"""Steps of a program at their operands: changes pushed through them, signals pulled back, and how these change.

A change has a first dimension of directions, q, before the shape of what changes; a signal is a cotangent. Where
operands move by dx and the signal s moves by ds, the pulled signal J^T s moves by J^T ds + (dJ)^T s.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor
from torch.func import vjp, vmap
from typing_extensions import override

Value = TypeVar("Value")

Changes = Sequence[Tensor | None]
"""For each operand, of shape (q, ...), or None where it does not move."""


class Step:
    """Any differentiable function, by torch's own derivatives.

    Args:
        function: of the operands, out of place.
        operands: tensors that depend on parameters, or are some.
    """

    def __init__(self, function: Callable[..., Tensor], operands: Sequence[Tensor]) -> None:
        self.function = function
        self.operands = list(operands)
        self.value = function(*operands)
        self._backwards: dict[tuple[int, ...], Callable[[Tensor], tuple[Tensor, ...]]] = {}

    def push(self, changes: Changes) -> Tensor:
        """The change (q, ...) of the value."""
        moving = [i for i, change in enumerate(changes) if change is not None]
        points = tuple(self.operands[i] for i in moving)
        tangents = tuple(change for change in changes if change is not None)
        pushed: Tensor = vmap(lambda *t: jvp(lambda *x: self.function(*self._with(moving, x)), points, t))(*tangents)
        return pushed

    def pull(self, signal: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """Cotangents of the operands that are wanted, counted from 0."""
        return list(self._pulled(self.operands, signal, wanted))

    def pull_all(self, signals: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """The same for signals (q, ...)."""
        key = tuple(wanted)
        if key not in self._backwards:
            points = (self.operands[i] for i in wanted)
            self._backwards[key] = vjp(lambda *chosen: self.function(*self._with(wanted, chosen)), *points)[1]
        return list(vmap(self._backwards[key])(signals))

    def pull_change(
        self, signal: Tensor, signal_change: Tensor | None, changes: Changes, wanted: Sequence[int]
    ) -> list[Tensor]:
        """Changes (q, ...) of the cotangents of the operands that are wanted."""
        moving = [i for i, change in enumerate(changes) if change is not None]
        points = [*(self.operands[i] for i in moving), signal]
        tangents = [change for change in changes if change is not None]
        if signal_change is None:
            signal_change = torch.zeros_like(signal).expand(len(tangents[0]), *signal.shape)

        def pulled(*moved: Tensor) -> tuple[Tensor, ...]:
            return self._pulled(self._with(moving, moved[:-1]), moved[-1], wanted)

        return list(vmap(lambda *t: jvp(pulled, tuple(points), t))(*tangents, signal_change))

    def _pulled(self, operands: Sequence[Tensor], signal: Tensor, wanted: Sequence[int]) -> tuple[Tensor, ...]:
        def function(*chosen: Tensor) -> Tensor:
            return self.function(*self._with(wanted, chosen, operands))

        cotangents: tuple[Tensor, ...] = vjp(function, *(operands[i] for i in wanted))[1](signal)
        return cotangents

    def _with(
        self, places: Sequence[int], values: Sequence[Tensor], operands: Sequence[Tensor] | None = None
    ) -> list[Tensor]:
        """The operands, some of them replaced."""
        replaced = list(self.operands if operands is None else operands)
        for place, value in zip(places, values, strict=True):
            replaced[place] = value
        return replaced


class Affine(Step):
    """A function that is affine in all its operands together, such as a mean or a concatenation."""

    @override
    def pull_change(
        self, signal: Tensor, signal_change: Tensor | None, changes: Changes, wanted: Sequence[int]
    ) -> list[Tensor]:
        """The change of the signal alone is pulled."""
        if signal_change is None:
            (some,) = {len(change) for change in changes if change is not None}
            return [self.operands[i].new_zeros(some, *self.operands[i].shape) for i in wanted]
        return self.pull_all(signal_change, wanted)


class Rearrangement(Affine):
    """A function that is linear in one operand, such as a change of shape."""

    @override
    def push(self, changes: Changes) -> Tensor:
        """The function itself."""
        pushed: Tensor = vmap(self.function)(changes[0])
        return pushed


class Sum(Affine):
    """x + y, broadcast."""

    @override
    def push(self, changes: Changes) -> Tensor:
        """The sum of the changes."""
        parts = [aligned(change, self.value).expand(-1, *self.value.shape) for change in changes if change is not None]
        return sum(parts[1:], parts[0])

    @override
    def pull_all(self, signals: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """The signals, summed over what was broadcast."""
        return [summed(signals, self.operands[i]) for i in wanted]


def jvp(function: Callable[..., Value], points: tuple[Tensor, ...], tangents: tuple[Tensor, ...]) -> Value:
    """The derivative of a function's value, a tensor or several."""
    with warnings.catch_warnings():  # torch warns of a function of its own, at the first call
        warnings.filterwarnings("ignore", message=r".*torch\.jit\.script", category=FutureWarning)
        derivative: Value = torch.func.jvp(function, tuple(_apart(point) for point in points), tangents)[1]
        return derivative


def _apart(values: Tensor) -> Tensor:
    """Without entries that share memory, as those of an expanded tensor do: torch takes no tangent of such."""
    return values.contiguous() if 0 in values.stride() else values


def aligned(changes: Tensor, like: Tensor) -> Tensor:
    """Changes (q, ...) of what is broadcast to some shape, with as many dimensions as that and one more."""
    return changes.reshape(len(changes), *[1] * (like.dim() + 1 - changes.dim()), *changes.shape[1:])


def summed(changes: Tensor, operand: Tensor) -> Tensor:
    """Changes (q, ...) summed over the dimensions along which an operand was broadcast."""
    added = changes.dim() - 1 - operand.dim()
    ones = [1 + added + i for i, size in enumerate(operand.shape) if size == 1]
    total = changes.sum([*range(1, added + 1), *ones], keepdim=True) if added or ones else changes
    return total.reshape(len(changes), *operand.shape)
