"""A symmetric matrix that is summed up block by block in its upper triangle."""

from dataclasses import dataclass

import torch
from torch import Tensor

TILE = 512
"""Columns of one product in a Gram matrix: small enough to skip most of the lower triangle, large enough for BLAS."""

KRONECKER_ENTRIES = 2**24
"""Entries of one block of a Khatri-Rao product held before they are added."""


@dataclass(frozen=True)
class LayerParameters:
    """Where a layer's weight (channels, width) and bias (channels,) lie in the parameter vector.

    A layer's own coordinates are (channel, column) with `columns` of them: the weight's, then the bias. A weight that
    is held fixed has no width, a bias that is held fixed or missing is None.
    """

    channels: int
    width: int
    weight: int
    bias: int | None

    @property
    def columns(self) -> int:
        """Weight columns, and one more for a bias."""
        return self.width + (self.bias is not None)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return self.channels * self.columns

    def parts(self) -> list[tuple[int, slice]]:
        """Offset in the parameter vector and columns of the weight and of the bias, as far as they are chosen."""
        parts = [(self.weight, slice(0, self.width))] if self.width else []
        return parts if self.bias is None else [*parts, (self.bias, slice(self.width, self.width + 1))]


class SymmetricMatrix:
    """A symmetric matrix (P, P) of which only the upper triangle is kept until `mirrored`."""

    def __init__(self, size: int, dtype: torch.dtype, device: torch.device) -> None:
        self._values = torch.zeros(size, size, dtype=dtype, device=device)

    def region(self, rows: int, height: int, columns: int, width: int) -> Tensor:
        """A writable view (height, width) of the block at (rows, columns), wherever it is kept."""
        if rows <= columns:
            return self._values[rows : rows + height, columns : columns + width]
        return self._values[columns : columns + width, rows : rows + height].T

    def add_pair(self, first: LayerParameters, second: LayerParameters, block: Tensor) -> None:
        """Add a block (channels, columns, channels', columns') of two layers, or the symmetric one of a layer."""
        for i, (row, own) in enumerate(first.parts()):
            for j, (column, other) in enumerate(second.parts()):
                if first is second and j < i:
                    continue
                part = block[:, own, :, other]
                region = self.region(row, part.shape[:2].numel(), column, part.shape[2:].numel())
                region.view(part.shape).add_(part)

    def add_rows(self, first: LayerParameters, second: LayerParameters, rows: Tensor) -> None:
        """Add rows (channels, columns, weights) of the first layer and the second one's weight alone."""
        for row, own in first.parts():
            part = rows[:, own]
            region = self.region(row, part.shape[:2].numel(), second.weight, part.shape[2])
            region.view(part.shape).add_(part)

    def add_diagonal(self, first: LayerParameters, second: LayerParameters, block: Tensor) -> None:
        """Add a block (columns, out, channels, kernel) of first and second layer, zero but for equal channels.

        The first layer's coordinates are (channel, column), the second one's weight has (out, channel, kernel).
        """
        _, out, channels, kernel = block.shape
        for row, own in first.parts():
            part = block[own]
            region = self.region(row, channels * len(part), second.weight, out * channels * kernel)
            view = region.view(channels, len(part), out, channels, kernel)
            view.diagonal(dim1=0, dim2=3).add_(part.transpose(2, 3))

    def add_kronecker(
        self, first: LayerParameters, second: LayerParameters, pairs: Tensor, left: Tensor, right: Tensor
    ) -> None:
        """Add sum_n pairs[n, o, p] left[n, a] right[n, b] at (o, a), (p, b): the Khatri-Rao form of two layers."""
        _, out, other = pairs.shape
        inputs = (left[:, :, None] * right[:, None, :]).flatten(1)
        step = max(1, KRONECKER_ENTRIES // (other * inputs.shape[1]))
        for start in range(0, out, step):
            some = pairs[:, start : start + step]
            block = (some.flatten(1).T @ inputs).reshape(some.shape[1], other, left.shape[1], right.shape[1])
            for i, (row, own) in enumerate(first.parts()):
                for j, (column, theirs) in enumerate(second.parts()):
                    if first is second and j < i:
                        continue
                    width, breadth = own.stop - own.start, theirs.stop - theirs.start
                    region = self.region(row, out * width, column, other * breadth).view(out, width, other, breadth)
                    region[start : start + step].add_(block[:, :, own, theirs].transpose(1, 2))

    def add_gram(self, pieces: list[tuple[int, Tensor]]) -> None:
        """Add V^T V, where V (rows, ...) stands in pieces at the given offsets."""
        tiles = [
            (offset + start, tile[:, :TILE])
            for offset, run in joined(pieces)
            for start in range(0, run.shape[1], TILE)
            for tile in [run[:, start:]]
        ]
        for i, (row, left) in enumerate(tiles):
            for column, right in tiles[i:]:
                self.region(row, left.shape[1], column, right.shape[1]).addmm_(left.T, right)

    def mirrored(self) -> Tensor:
        """The whole matrix, the lower triangle copied from the upper one."""
        size = len(self._values)
        for start in range(0, size, TILE):
            stop = min(start + TILE, size)
            corner = self._values[start:stop, start:stop]
            corner.copy_(corner.triu() + corner.triu(1).T)
            self._values[stop:, start:stop] = self._values[start:stop, stop:].T
        return self._values


def joined(pieces: list[tuple[int, Tensor]]) -> list[tuple[int, Tensor]]:
    """Pieces (rows, width) at their offsets, those that follow each other in one."""
    runs: list[tuple[int, list[Tensor]]] = []
    for offset, piece in sorted(pieces, key=lambda pair: pair[0]):
        if runs and runs[-1][0] + sum(part.shape[1] for part in runs[-1][1]) == offset:
            runs[-1][1].append(piece)
        else:
            runs.append((offset, [piece]))
    return [(offset, torch.cat(parts, dim=1)) for offset, parts in runs]
