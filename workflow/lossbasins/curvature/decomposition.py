"""Eigendecompositions that are tried again where LAPACK or cuSOLVER does not converge."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor


class EigenvalueError(ArithmeticError):
    """No eigendecomposition of a matrix was found."""


def eigenvalues(matrix: Tensor) -> Tensor:
    """Of a symmetric matrix (P, P), ascending, in float64 on the CPU; computed as and where it is, if that goes.

    Raises:
        EigenvalueError: the matrix is not finite, or has defied every attempt.
    """
    (values,) = _attempted(lambda attempt: (torch.linalg.eigvalsh(attempt),), matrix)
    return values.double().cpu()


def eigenpairs(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues (P,), ascending, and eigenvectors (P, P) as columns, on the matrix's device; see `eigenvalues`."""
    values, vectors = _attempted(torch.linalg.eigh, matrix)
    return values.double().to(matrix.device), vectors.to(matrix)


def _attempted(decompose: Callable[[Tensor], tuple[Tensor, ...]], matrix: Tensor) -> tuple[Tensor, ...]:
    """The first decomposition with finite values."""
    if not bool(torch.linalg.vector_norm(matrix, float("inf")).isfinite()):
        raise EigenvalueError("the matrix has entries that are not finite, and so no eigenvalues")
    for attempt in _attempts(matrix):
        try:
            found = decompose(attempt)
        except RuntimeError:  # it did not converge, or there is no memory for it on a GPU
            continue
        if bool(found[0].isfinite().all()):
            return found
    raise EigenvalueError(
        f"the eigenvalues of this matrix of {len(matrix)} rows do not converge, in float64 on the CPU either: "
        "look for entries of extreme size"
    )


def _attempts(matrix: Tensor) -> Iterator[Tensor]:
    """The matrix as it is, then in float64 on the CPU.

    A failed call may leave a GPU unusable, so the copy for the CPU is made before.
    """
    host = matrix.cpu() if matrix.is_cuda else matrix
    yield matrix
    if matrix.is_cuda or matrix.dtype != torch.float64:
        yield host.double()
