"""Derivatives of an activation with respect to one layer's parameters, in the sparsest form that is exact."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Tangent:
    r"""Per-sample derivatives of an activation x (n, channels, \*space) in the parameters (c, a) of one layer.

    Three forms, from the layer on:

    - *diagonal*: channel c depends on the parameters of channel c alone, d x[c, s] / d w[c, a] = values[a, c, s];
    - *dense*: values[q, c, s] with q = (c', a) flattened;
    - *factored*: dense in q = c' times `factor` (n, a), as behind a layer without weight sharing.

    Attributes:
        values: shape (n, q, channels or 1, \*space); 1 where all channels share them.
        channels: of the activation.
        diagonal: whether q = a counts parameters of the same channel only.
        scale: a factor (n, channels, \*space) still to be applied to the values, or None.
        factor: shape (n, a) in the factored form, or None.
    """

    values: Tensor
    channels: int
    diagonal: bool
    scale: Tensor | None = None
    factor: Tensor | None = None

    @property
    def is_outer(self) -> bool:
        """Whether it is diagonal and its values the same for all channels and places: an outer product."""
        return self.diagonal and self.values.shape[2:].numel() == 1

    def scaled(self, slope: Tensor) -> "Tangent":
        """Times a slope for every entry of the activation."""
        slope = slope.reshape(len(slope), self.channels, *self.values.shape[3:])
        return replace(self, scale=slope if self.scale is None else self.scale * slope)

    def full(self) -> Tensor:
        r"""Values with the scale applied, of shape (n, q, channels, \*space)."""
        if self.scale is not None:
            return self.values * self.scale[:, None]
        return self.values.expand(-1, -1, self.channels, *self.values.shape[3:])

    def flattened(self) -> "Tangent":
        """With all places in one dimension."""
        n, q, shared = self.values.shape[:3]
        scale = None if self.scale is None else self.scale.reshape(n, self.channels, -1)
        return replace(self, values=self.values.reshape(n, q, shared, -1), scale=scale)

    def densified(self) -> "Tangent":
        """The same derivatives in dense form, factored where they were an outer product."""
        if not self.diagonal:
            return replace(self, values=self.full(), scale=None)
        n, columns, _, *space = self.values.shape
        identity = torch.eye(self.channels, dtype=self.values.dtype, device=self.values.device)
        if self.is_outer:
            slope = self.values.new_ones(n, self.channels, *space) if self.scale is None else self.scale
            values = slope[:, None] * identity.reshape(1, self.channels, self.channels, *(1 for _ in space))
            return Tangent(values, self.channels, diagonal=False, factor=self.values.reshape(n, columns))
        spread = self.full()[:, None] * identity.reshape(1, self.channels, 1, self.channels, *(1 for _ in space))
        return Tangent(spread.flatten(1, 2), self.channels, diagonal=False)

    def expanded(self) -> "Tangent":
        r"""Without a factor: all parameters of the layer in one dimension (n, (c, a), channels, \*space)."""
        if self.factor is None:
            return self
        values = self.full()
        spread = self.factor.reshape(*self.factor.shape, *[1] * (values.dim() - 2))
        return Tangent((values[:, :, None] * spread[:, None]).flatten(1, 2), self.channels, self.diagonal)


def add(first: Tangent, second: Tangent) -> Tangent:
    """Sum of two tangents of one activation in the same layer's parameters."""
    first, second = first.densified(), second.densified()
    if (first.factor is None) != (second.factor is None):
        first, second = first.expanded(), second.expanded()
    shape = first.values.shape
    return replace(first, values=first.values + second.values.reshape(shape))
