"""Outermost eigenpairs from a block Krylov space with full re-orthogonalisation."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Which = Literal["largest_algebraic", "largest_magnitude"]

BLOCK = 8
"""Fewest columns of a block, for the sake of matrix products."""

STEPS = 30
"""Blocks after which the search is given up."""


class NotConvergedError(ArithmeticError):
    """The Krylov space grew to its limit, and the eigenpairs did not settle."""


def outermost(
    product: Callable[[Tensor], Tensor], start: Tensor, k: int, which: Which, tolerance: float
) -> tuple[NDArray[np.float64], Tensor]:
    """The k outermost eigenpairs of a symmetric matrix, by Rayleigh-Ritz on span(X, H X, H^2 X, ...).

    With k columns or more in the random block X, no copy of a multiple eigenvalue is missed. All products are projected
    on all of the basis, so that rounding does not bring back what was found; directions that are rounding are dropped.

    Args:
        product: the matrix times a block (P, K).
        start: X, of shape (P, K), random, with k <= K <= P.
        k: how many.
        which: the largest values, or the largest magnitudes with either sign.
        tolerance: largest residual norm relative to each eigenvalue's magnitude, as far as rounding allows.

    Returns:
        Values (k,), the outermost first, and orthonormal vectors (P, k).

    Raises:
        NotConvergedError: after `STEPS` blocks.
    """
    block = torch.linalg.qr(start).Q
    basis, projected = block, torch.zeros(0, 0, dtype=torch.float64)
    for _ in range(STEPS):
        image, coefficients = _orthogonal(product(block), basis)
        projected = _bordered(projected, coefficients.cpu().double())
        values, rotation = _ordered(projected, which)
        direction, coupling = torch.linalg.qr(image)
        rounding = 10 * torch.finfo(start.dtype).eps * float(values.abs().max())
        residuals = (coupling.cpu().double() @ rotation[-block.shape[1] :, :k]).norm(dim=0)
        if bool((residuals <= (tolerance * values[:k].abs()).clamp(min=rounding)).all()):
            return values[:k].numpy(), basis @ rotation[:, :k].to(basis)
        left, strengths, _ = torch.linalg.svd(coupling)
        block, _ = _orthogonal(direction @ left[:, strengths > rounding], basis)
        block = torch.linalg.qr(block).Q
        basis = torch.cat([basis, block], dim=1)
    raise NotConvergedError(f"{k} eigenpairs did not settle within {basis.shape[1]} dimensions")


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
