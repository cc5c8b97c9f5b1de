"""The outermost eigenvalues of a Hessian, with eigenvectors and residuals."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

from lossbasins.curvature.graph import is_known
from lossbasins.curvature.hessian import hessian_matrix
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operators import HessianOperator

Which = Literal["largest_algebraic", "largest_magnitude"]
Route = Literal["auto", "lanczos", "matrix"]

MATRIX_LIMIT = 6000
"""Parameters up to which "auto" forms the matrix of a network with known layers."""


@dataclass(frozen=True)
class Eigenpairs:
    """Some eigenvalues of a symmetric matrix.

    Attributes:
        values: shape (k,), descending (by magnitude where that was asked for).
        vectors: shape (P, k), orthonormal columns.
        residual_norms: shape (k,), |H v - lambda v| with a fresh product each.
        converged: shape (k,), whether that is within the tolerance times the largest magnitude.
        matvecs: products spent, or 0 where the matrix was formed.
    """

    values: NDArray[np.float64]
    vectors: NDArray[np.floating]
    residual_norms: NDArray[np.float64]
    converged: NDArray[np.bool_]
    matvecs: int


def top_eigenpairs(
    objective: Objective,
    k: int,
    *,
    which: Which = "largest_algebraic",
    method: Route = "auto",
    tolerance: float | None = None,
    seed: int = 0,
    chunk: int | None = None,
) -> Eigenpairs:
    """The k outermost eigenpairs of the Hessian of the mean loss, by SciPy's implicitly restarted Lanczos method.

    Args:
        objective: what to differentiate.
        k: how many, fewer than P.
        which: the largest values, or the largest magnitudes with either sign.
        method: "lanczos" with Hessian-vector products; "matrix" with products of the formed matrix; "auto" takes the
            matrix for networks of known layers of up to `MATRIX_LIMIT` parameters, where forming it costs less than the
            hundred products or more that Lanczos needs.
        tolerance: residual norm relative to the largest magnitude; 1e-3 in float32 and 1e-8 in float64 by default.
        seed: of the starting vector.
        chunk: samples of data at a time, as in `HessianOperator`.

    Raises:
        ValueError: k out of range, or an unknown name.
        ArithmeticError: Lanczos did not converge.
    """
    if not 1 <= k < objective.size:
        raise ValueError(f"k={k}: choose it from 1 to {objective.size - 1}, the number of parameters less one")
    for name, value, allowed in (("which", which, get_args(Which)), ("method", method, get_args(Route))):
        if value not in allowed:
            raise ValueError(f"{name}={value!r}: choose one of {', '.join(map(repr, allowed))}")
    if tolerance is None:
        tolerance = 1e-8 if objective.dtype == torch.float64 else 1e-3
    matrix = _formed(objective, method)
    operator = HessianOperator(objective, chunk=chunk) if matrix is None else matrix
    start = np.random.default_rng(seed).standard_normal(objective.size).astype(operator.dtype)
    code = {"largest_algebraic": "LA", "largest_magnitude": "LM"}[which]
    try:
        values, vectors = eigsh(operator, k=k, which=code, v0=start, tol=tolerance / 10)
    except ArpackNoConvergence as error:
        raise ArithmeticError(
            f"Lanczos found {len(error.eigenvalues)} of {k} eigenpairs: ask for fewer, a larger tolerance, or float64"
        ) from error
    order = np.argsort(values if which == "largest_algebraic" else np.abs(values))[::-1]
    values, vectors = values[order].astype(np.float64), vectors[:, order]
    norms = np.linalg.norm(operator @ vectors - vectors * values.astype(vectors.dtype), axis=0).astype(np.float64)
    matvecs = operator.products if isinstance(operator, HessianOperator) else 0
    return Eigenpairs(values, vectors, norms, norms <= tolerance * np.abs(values).max(), matvecs)


def _formed(objective: Objective, method: Route) -> NDArray[np.floating] | None:
    """The matrix, where the method asks for it."""
    small = objective.size <= MATRIX_LIMIT and is_known(objective.model, objective.inputs)
    if method == "lanczos" or (method == "auto" and not small):
        return None
    matrix: NDArray[np.floating] = hessian_matrix(objective).cpu().numpy()
    return matrix
