"""The Lanczos process with full re-orthogonalisation."""

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from torch import Tensor


def gauss_quadrature(
    product: Callable[[Tensor], Tensor], start: Tensor, steps: int, deflated: Tensor | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights of the Gauss rule for a symmetric matrix's spectral measure at a vector.

    Args:
        product: the matrix times a vector (P,).
        start: shape (P,), of any length but zero.
        steps: of the Lanczos process; it ends early where the Krylov space does.
        deflated: orthonormal eigenvectors (P, k) to stay orthogonal to.

    Returns:
        Nodes, ascending, and weights, which sum to one; both (steps,) or shorter.
    """
    basis = start.new_empty(steps + 1, len(start))
    basis[0] = _orthogonal(start, basis[:0], deflated)
    basis[0] /= basis[0].norm()
    diagonal: list[float] = []
    off_diagonal: list[float] = []
    for step in range(steps):
        image = product(basis[step])
        diagonal.append(float(basis[step] @ image))
        image = _orthogonal(image, basis[: step + 1], deflated)
        length = float(image.norm())
        if step == steps - 1 or length <= _breakdown(image, diagonal, off_diagonal):
            break
        off_diagonal.append(length)
        basis[step + 1] = image / length
    nodes, vectors = eigh_tridiagonal(np.array(diagonal), np.array(off_diagonal))
    return nodes, np.square(vectors[0])


def _breakdown(vector: Tensor, diagonal: list[float], off_diagonal: list[float]) -> float:
    """Length below which a new direction is rounding."""
    largest: float = max(map(abs, [*diagonal, *off_diagonal]))
    return 10 * math.sqrt(len(vector)) * torch.finfo(vector.dtype).eps * largest


def _orthogonal(vector: Tensor, basis: Tensor, deflated: Tensor | None) -> Tensor:
    """A vector less its parts along the rows of a basis and the deflated columns, twice for full precision."""
    for _ in range(2):
        vector = vector - basis.T @ (basis @ vector)
        if deflated is not None:
            vector = vector - deflated @ (deflated.T @ vector)
    return vector
