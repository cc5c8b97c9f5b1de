"""Outermost eigenpairs from block Krylov spaces with full re-orthogonalisation and thick restarts."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Which = Literal["largest_algebraic", "largest_magnitude"]

Product = Callable[[Tensor], Tensor]
"""From a block (P, K) to the matrix times it."""

BLOCK = 8
"""Fewest columns of a block where products cost little, for the sake of matrix products."""


class NotConvergedError(ArithmeticError):
    """The products were spent, and the eigenpairs did not settle."""


def outermost(
    product: Product,
    like: Tensor,
    k: int,
    which: Which,
    tolerance: float,
    *,
    width: int,
    dimensions: int,
    products: int,
    seed: int = 0,
) -> tuple[NDArray[np.float64], Tensor]:
    """The k outermost eigenpairs of a symmetric matrix, by Rayleigh-Ritz on span(X, H X, H^2 X, ...).

    The Krylov space of a random block X of b columns holds b copies of an eigenvalue that has more. So where b values
    or more coincide, within what was resolved, and lie further out than the last one wanted, the search begins anew
    with a block of twice the width, up to k columns: no copy is missed.

    Args:
        product: the matrix times a block (P, K).
        like: shape (P,), of the dtype and device of blocks.
        k: how many.
        which: the largest values, or the largest magnitudes with either sign.
        tolerance: largest residual norm relative to each eigenvalue's magnitude, as far as rounding allows.
        width: columns of the first block.
        dimensions: of the space at which it is restarted from its outermost Ritz vectors.
        products: columns that are multiplied in one search at most.
        seed: of the random blocks.

    Returns:
        Values (k,), the outermost first, and orthonormal vectors (P, k).

    Raises:
        NotConvergedError: the products were spent.
    """
    generator = torch.Generator().manual_seed(seed)
    while True:
        start = torch.randn(len(like), width, generator=generator, dtype=torch.float64).to(like)
        values, vectors, resolved = _settled(
            product, start, k, which, tolerance, max(dimensions, k + 2 * width), products
        )
        if width >= k or (len(values) >= k and not _may_hide_copies(values, resolved, k, width, which)):
            return values[:k].numpy(), vectors[:, :k]
        width = min(2 * width, k)


def _settled(
    product: Product, start: Tensor, k: int, which: Which, tolerance: float, dimensions: int, products: int
) -> tuple[Tensor, Tensor, Tensor]:
    """All Ritz values, the outermost first, vectors of k of them, and how far apart values must be to be told apart.

    All products are projected on all of the basis, so that rounding does not bring back what was found; directions that
    are rounding are dropped. There are fewer than k values where the space ends before.
    """
    block = torch.linalg.qr(start).Q
    basis, projected, spent = block, torch.zeros(0, 0, dtype=torch.float64), 0
    while True:
        image, coefficients = _orthogonal(product(block), basis)
        spent += block.shape[1]
        projected = _bordered(projected, coefficients.cpu().double())
        values, rotation = _ordered(projected, which)
        direction, coupling = torch.linalg.qr(image)
        rounding = 10 * torch.finfo(start.dtype).eps * float(values.abs().max())
        allowed = (tolerance * values.abs()).clamp(min=rounding)
        residuals = (coupling.cpu().double() @ rotation[-block.shape[1] :, :k]).norm(dim=0)
        left, strengths, _ = torch.linalg.svd(coupling)
        kept = strengths > rounding
        if bool((residuals <= allowed[:k]).all()) and (len(values) >= k or not bool(kept.any())):
            return values, basis @ rotation[:, :k].to(basis), allowed
        if spent >= products:
            raise NotConvergedError(f"{k} eigenpairs did not settle in {spent} products")
        block, _ = _orthogonal(direction @ left[:, kept], basis)
        block = torch.linalg.qr(block).Q
        if basis.shape[1] + block.shape[1] > dimensions:
            outer = (dimensions + k) // 2 - block.shape[1]
            basis, projected = basis @ rotation[:, :outer].to(basis), values[:outer].diag()
        basis = torch.cat([basis, block], dim=1)


def _may_hide_copies(values: Tensor, resolved: Tensor, k: int, width: int, which: Which) -> bool:
    """Whether `width` Ritz values or more coincide further out than the last one wanted."""
    outwards = values if which == "largest_algebraic" else values.abs()
    beyond = outwards > outwards[k - 1] + 2 * resolved
    copies = ((values[:, None] - values).abs() <= 4 * torch.maximum(resolved[:, None], resolved)).sum(1)
    return bool((beyond & (copies >= width)).any())


def _orthogonal(block: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
    """A block less its part along the basis, twice for full precision, and the coefficients of that part."""
    first = basis.T @ block
    block = block - basis @ first
    second = basis.T @ block
    return block - basis @ second, first + second


def _bordered(projected: Tensor, columns: Tensor) -> Tensor:
    """A symmetric matrix with the given last columns."""
    old, size = len(projected), len(columns)
    grown = columns.new_zeros(size, size)
    grown[:old, :old] = projected
    grown[:, old:] = columns
    grown[old:] = columns.T
    grown[old:, old:] = (columns[old:] + columns[old:].T) / 2
    return grown


def _ordered(matrix: Tensor, which: Which) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors, the outermost first."""
    values, vectors = torch.linalg.eigh(matrix)
    order = torch.argsort(values if which == "largest_algebraic" else values.abs(), descending=True)
    return values[order], vectors[:, order]
