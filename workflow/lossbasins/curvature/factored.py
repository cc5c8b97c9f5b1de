"""A Hessian whose Gauss-Newton part stays in factors, for products that cost less than forming it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import torch
from torch import Tensor

from lossbasins.curvature.symmetric import LayerParameters

DenseFactor = tuple[LayerParameters, Tensor, Tensor]
"""A dense layer, signals (n, k, channels) and inputs (n, columns): rows are their outer products."""


@dataclass(frozen=True)
class Root:
    """Some rows of a root V of the generalised Gauss-Newton matrix V^T V: k for each of n samples.

    Attributes:
        runs: offsets in the parameter vector and the rows (n k, width) that stand there.
        dense: layers whose rows are outer products, never multiplied out.
    """

    runs: Sequence[tuple[int, Tensor]]
    dense: Sequence[DenseFactor]

    def add_product(self, vectors: Tensor, total: Tensor) -> None:
        """Add V^T V X to a total, for vectors X; both are given transposed, (K, P)."""
        images = [vectors[:, offset : offset + rows.shape[1]] @ rows.T for offset, rows in self.runs]
        images += [_image(factor, vectors.T).flatten(0, 1).T for factor in self.dense]
        image = sum(images[1:], images[0])
        for offset, rows in self.runs:
            total[:, offset : offset + rows.shape[1]] += image @ rows
        for factor in self.dense:
            _add_adjoint(factor, image.T, total.T)


@dataclass(frozen=True)
class FactoredHessian:
    """H = V^T V + R + D, of shape (P, P): `hessian @ x` for a vector (P,) or a block (P, K).

    Attributes:
        roots: V in slices.
        residual: R (P, P).
        decay: every entry of the diagonal D.
        edges: 0, where layers begin, and P. Blocks of R between them that are zero are not multiplied: in a piecewise
            linear network, all within a layer.
    """

    roots: Sequence[Root]
    residual: Tensor
    decay: float
    edges: Sequence[int]

    @property
    def shape(self) -> torch.Size:
        """(P, P)."""
        return self.residual.shape

    @property
    def device(self) -> torch.device:
        """Of the entries."""
        return self.residual.device

    @property
    def dtype(self) -> torch.dtype:
        """Of the entries."""
        return self.residual.dtype

    def __matmul__(self, vectors: Tensor) -> Tensor:
        # Matrices are multiplied from the left, as H is symmetric and BLAS is then a third faster on few columns.
        block = vectors.reshape(len(vectors), -1).T.contiguous()
        total = self.decay * block if self.decay else torch.zeros_like(block)
        for rows, columns in self._blocks:
            total[:, columns] += block[:, rows] @ self.residual[rows, columns]
        for root in self.roots:
            root.add_product(block, total)
        return total.T.reshape(vectors.shape)

    @cached_property
    def _blocks(self) -> list[tuple[slice, slice]]:
        """Rows and columns of the blocks of R that are not zero."""
        spans = [slice(start, stop) for start, stop in pairwise(self.edges)]
        return [(rows, columns) for rows in spans for columns in spans if self.residual[rows, columns].count_nonzero()]


def _image(factor: DenseFactor, vectors: Tensor) -> Tensor:
    """Rows times vectors (P, K): (n, k, K)."""
    parameters, signal, inputs = factor
    weights = torch.cat([_weights(parameters, vectors, *part) for part in parameters.parts()], dim=1)
    mixed = inputs @ weights.transpose(0, 1).flatten(1)
    return signal @ mixed.reshape(len(inputs), parameters.channels, -1)


def _add_adjoint(factor: DenseFactor, image: Tensor, total: Tensor) -> None:
    """Add transposed rows times an image (n k, K) to a total (P, K)."""
    parameters, signal, inputs = factor
    mixed = signal.transpose(1, 2) @ image.reshape(*signal.shape[:2], -1)
    product = (inputs.T @ mixed.flatten(1)).reshape(parameters.columns, parameters.channels, -1).transpose(0, 1)
    for offset, columns in parameters.parts():
        _weights(parameters, total, offset, columns).add_(product[:, columns])


def _weights(parameters: LayerParameters, vectors: Tensor, offset: int, columns: slice) -> Tensor:
    """A view (channels, columns, K) of weight or bias in vectors (P, K)."""
    width = columns.stop - columns.start
    return vectors[offset : offset + parameters.channels * width].view(parameters.channels, width, -1)
