"""All eigenvalues of a Hessian."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossbasins.curvature.decomposition import eigenvalues
from lossbasins.curvature.hessian import Method, hessian_matrix
from lossbasins.curvature.objective import Objective


@dataclass(frozen=True)
class Spectrum:
    """All eigenvalues of a symmetric matrix.

    Attributes:
        eigenvalues: shape (P,), ascending, in loss units per squared parameter unit.
        precision: spacing of floating-point numbers at 1 in the arithmetic that made them.
    """

    eigenvalues: NDArray[np.float64]
    precision: float

    @property
    def tolerance(self) -> float:
        """Magnitude below which an eigenvalue is rounding: P times the precision times the largest magnitude."""
        return float(self.eigenvalues.size * self.precision * np.abs(self.eigenvalues).max())

    @property
    def positive(self) -> int:
        """Number of eigenvalues above the tolerance."""
        return int((self.eigenvalues > self.tolerance).sum())

    @property
    def negative(self) -> int:
        """Number of eigenvalues below minus the tolerance."""
        return int((self.eigenvalues < -self.tolerance).sum())

    @property
    def rank(self) -> int:
        """Number of eigenvalues beyond the tolerance on either side."""
        return self.positive + self.negative

    @property
    def condition(self) -> float:
        """Largest over smallest magnitude among the eigenvalues that count to the rank; NaN for a zero matrix."""
        magnitudes = np.abs(self.eigenvalues)
        counted = magnitudes[magnitudes > self.tolerance]
        return float(counted.max() / counted.min()) if counted.size else float("nan")

    @property
    def trace(self) -> float:
        """Sum of the eigenvalues."""
        return float(self.eigenvalues.sum())

    @property
    def frobenius_squared(self) -> float:
        """Sum of the squared eigenvalues."""
        return float(np.square(self.eigenvalues).sum())


def spectrum(objective: Objective, method: Method = "auto") -> Spectrum:
    """The eigenvalues of the Hessian of the mean loss, by forming the matrix.

    Args:
        objective: what to differentiate.
        method: how to form the matrix, as in `hessian_matrix`.
    """
    return matrix_spectrum(hessian_matrix(objective, method))


def matrix_spectrum(matrix: Tensor) -> Spectrum:
    """The eigenvalues of a symmetric matrix (P, P), computed in its own precision, where that converges."""
    return Spectrum(eigenvalues(matrix).numpy(), torch.finfo(matrix.dtype).eps)
