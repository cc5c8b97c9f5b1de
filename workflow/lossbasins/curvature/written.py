"""Steps that networks spend their time in, with derivatives written out; see `steps` for what each method gives."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature.steps import Changes, Step, aligned, summed


class Entrywise(Step):
    """A function of each entry of one operand."""

    def __init__(self, function: Callable[..., Tensor], operands: Sequence[Tensor]) -> None:
        super().__init__(function, operands)
        with torch.enable_grad():
            point = self.operands[0].detach().requires_grad_()
            (slope,) = torch.autograd.grad(function(point).sum(), point, create_graph=True)
            self._bend = torch.zeros_like(slope)
            if slope.requires_grad:
                (self._bend,) = torch.autograd.grad(slope.sum(), point)
            self._slope = slope.detach()

    @override
    def push(self, changes: Changes) -> Tensor:
        """Times the slope."""
        (change,) = changes
        assert change is not None
        return change * self._slope

    @override
    def pull_all(self, signals: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """Times the slope."""
        return [signals * self._slope]

    @override
    def pull_change(
        self, signal: Tensor, signal_change: Tensor | None, changes: Changes, wanted: Sequence[int]
    ) -> list[Tensor]:
        """The slope's change is the second derivative's."""
        (change,) = changes
        moved = 0 if change is None else change * (signal * self._bend)
        return [moved if signal_change is None else torch.addcmul(moved, signal_change, self._slope)]  # type: ignore


class Linear(Step):
    """y = x W^T + b, with operands x (..., in), W (out, in) and, if there is one, b (out,)."""

    def __init__(self, function: Callable[..., Tensor], operands: Sequence[Tensor]) -> None:
        super().__init__(function, operands)
        self._flat = self.operands[0].reshape(-1, self.operands[0].shape[-1])

    @override
    def push(self, changes: Changes) -> Tensor:
        """All three move."""
        inputs, weight, *bias = changes
        total: Tensor | float = 0.0
        if inputs is not None:
            total = inputs @ self.operands[1].T
        if weight is not None:
            product = self._flat @ weight.flatten(0, 1).T
            total = total + product.reshape(-1, *weight.shape[:2]).movedim(1, 0).reshape(-1, *self.value.shape)
        if bias and bias[0] is not None:
            total = total + bias[0].reshape(len(bias[0]), *[1] * (self.value.dim() - 1), -1)
            total = total.expand(-1, *self.value.shape)
        assert isinstance(total, Tensor)
        return total

    @override
    def pull_all(self, signals: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """Signals times W for x, outer products for W, sums for b."""
        flat = signals.flatten(1, -2)
        ways: list[Callable[[], Tensor]] = [
            lambda: signals @ self.operands[1],
            lambda: flat.transpose(1, 2) @ self._flat,
            lambda: flat.sum(1),
        ]
        return [ways[i]() for i in wanted]

    @override
    def pull_change(
        self, signal: Tensor, signal_change: Tensor | None, changes: Changes, wanted: Sequence[int]
    ) -> list[Tensor]:
        """Bilinear in x and W."""
        inputs, weight, *_ = changes
        (q,) = {len(change) for change in (signal_change, *changes) if change is not None}
        found = (
            [self.operands[0].new_zeros(q, *self.operands[i].shape) for i in wanted]
            if signal_change is None
            else self.pull_all(signal_change, wanted)
        )
        flat = signal.reshape(-1, signal.shape[-1])
        for place, i in enumerate(wanted):
            if i == 0 and weight is not None:
                product = flat @ weight.movedim(0, 1).flatten(1)
                moved = product.reshape(len(flat), q, -1).movedim(1, 0)
                found[place] = found[place] + moved.reshape(q, *self.operands[0].shape)
            if i == 1 and inputs is not None:
                found[place] = found[place] + flat.T @ inputs.flatten(1, -2)
        return found


class Scaling(Step):
    """y = x w + b, entry by entry, with w and b broadcast to the shape of x."""

    @override
    def push(self, changes: Changes) -> Tensor:
        """All three move."""
        inputs, weight, *bias = changes
        x, w, *_ = self.operands
        parts = [] if inputs is None else [inputs * w]
        parts += [] if weight is None else [x * aligned(weight, x)]
        parts += [aligned(change, x).expand(-1, *x.shape) for change in bias if change is not None]
        return sum(parts[1:], parts[0])

    @override
    def pull_all(self, signals: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """Signals times w for x, times x for w, as they are for b; summed over what was broadcast."""
        x, w, *_ = self.operands
        ways: list[Callable[[], Tensor]] = [lambda: signals * w, lambda: signals * x, lambda: signals]
        return [summed(ways[i](), self.operands[i]) for i in wanted]

    @override
    def pull_change(
        self, signal: Tensor, signal_change: Tensor | None, changes: Changes, wanted: Sequence[int]
    ) -> list[Tensor]:
        """Bilinear in x and w."""
        inputs, weight, *_ = changes
        (q,) = {len(change) for change in (signal_change, *changes) if change is not None}
        found = []
        for i in wanted:
            total = signal.new_zeros(q, *self.operands[i].shape)
            if signal_change is not None:
                total = total + self.pull_all(signal_change, [i])[0]
            if i == 0 and weight is not None:
                total = total + signal * aligned(weight, signal)
            if i == 1 and inputs is not None:
                total = total + summed(signal * inputs, self.operands[1])
            found.append(total)
        return found


class Standardising(Step):
    """(x - mean) / deviation over the last dimension, as F.layer_norm does.

    Args:
        function: which does it.
        operands: x alone.
        eps: added to the variance.
    """

    def __init__(self, function: Callable[..., Tensor], operands: Sequence[Tensor], eps: float) -> None:
        super().__init__(function, operands)
        self._inverse = (self.operands[0].var(-1, correction=0, keepdim=True) + eps).rsqrt()

    @override
    def push(self, changes: Changes) -> Tensor:
        """The deviation moves by the mean of value times change."""
        (change,) = changes
        assert change is not None
        return self._inverse * self._projected(change)

    @override
    def pull_all(self, signals: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """The Jacobian is symmetric."""
        return [self._inverse * self._projected(signals)]

    @override
    def pull_change(
        self, signal: Tensor, signal_change: Tensor | None, changes: Changes, wanted: Sequence[int]
    ) -> list[Tensor]:
        """With y the value, r the inverse deviation and P u = u - mean u - y mean(y u), of r P s."""
        (change,) = changes
        total = torch.zeros(()) if signal_change is None else self._inverse * self._projected(signal_change)
        if change is not None:
            mean = (self.value * change).mean(-1, keepdim=True)
            moved = self._inverse * self._projected(change)
            along = (self.value * signal).mean(-1, keepdim=True)
            bend = moved * along + self.value * (moved * signal).mean(-1, keepdim=True)
            bend = bend + mean * (self._inverse * self._projected(signal))
            total = total - self._inverse * bend
        return [total]

    def _projected(self, values: Tensor) -> Tensor:
        along = (self.value * values).mean(-1, keepdim=True)
        return values - values.mean(-1, keepdim=True) - self.value * along


class Product(Step):
    """A B, the matrix products of two operands (..., i, k) and (..., k, j) of the same leading dimensions."""

    @override
    def push(self, changes: Changes) -> Tensor:
        """Both move."""
        (left, right), (a, b) = self.operands, changes
        parts = [] if a is None else [a @ right]
        parts += [] if b is None else [left @ b]
        return sum(parts[1:], parts[0])

    @override
    def pull_all(self, signals: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """Signals times the other one's transpose."""
        left, right = self.operands
        return [signals @ right.mT if i == 0 else left.mT @ signals for i in wanted]

    @override
    def pull_change(
        self, signal: Tensor, signal_change: Tensor | None, changes: Changes, wanted: Sequence[int]
    ) -> list[Tensor]:
        """Bilinear."""
        a, b = changes
        found = []
        for i in wanted:
            parts = [] if signal_change is None else self.pull_all(signal_change, [i])
            parts += [signal @ b.mT] if i == 0 and b is not None else []
            parts += [a.mT @ signal] if i == 1 and a is not None else []
            (q,) = {len(change) for change in (signal_change, *changes) if change is not None}
            found.append(sum(parts[1:], parts[0]) if parts else signal.new_zeros(q, *self.operands[i].shape))
        return found


class Softmax(Step):
    """Of the last dimension."""

    @override
    def push(self, changes: Changes) -> Tensor:
        """The Jacobian diag(p) - p p^T."""
        (change,) = changes
        assert change is not None
        weighted = self.value * change
        return weighted - self.value * weighted.sum(-1, keepdim=True)

    @override
    def pull_all(self, signals: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """It is symmetric."""
        return [self.push([signals])]

    @override
    def pull_change(
        self, signal: Tensor, signal_change: Tensor | None, changes: Changes, wanted: Sequence[int]
    ) -> list[Tensor]:
        """Of p (s - p . s)."""
        (change,) = changes
        total = torch.zeros(()) if signal_change is None else self.push([signal_change])
        if change is not None:
            moved = self.push([change])
            mean = (self.value * signal).sum(-1, keepdim=True)
            total = total + moved * (signal - mean) - self.value * (moved * signal).sum(-1, keepdim=True)
        return [total]


def standardised(values: Tensor, eps: float) -> Tensor:
    """Over the last dimension."""
    return F.layer_norm(values, values.shape[-1:], eps=eps)
