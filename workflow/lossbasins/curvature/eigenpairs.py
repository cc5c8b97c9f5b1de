"""The outermost eigenvalues of a Hessian, with eigenvectors and residuals."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, eigsh
from torch import Tensor

from lossbasins.curvature.factored import FactoredHessian
from lossbasins.curvature.graph import is_known
from lossbasins.curvature.hessian import factored_hessian, hessian_matrix
from lossbasins.curvature.krylov import BLOCK, NotConvergedError, Which, outermost
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operators import HessianOperator

Route = Literal["auto", "lanczos", "factors", "matrix"]

MATRIX_LIMIT = 6000
"""Parameters up to which "auto" forms the matrix, or its factors, for a network with known layers."""

FACTOR_LIMIT = 2
"""Samples times outputs over parameters, up to which "auto" takes factors: beyond, they outgrow the matrix."""


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
    """The k outermost eigenpairs of the Hessian of the mean loss.

    Args:
        objective: what to differentiate.
        k: how many, fewer than P.
        which: the largest values, or the largest magnitudes with either sign.
        method: "lanczos" is SciPy's implicitly restarted Lanczos method with Hessian-vector products; "factors" and
            "matrix" are a block Krylov method on the Hessian as Gauss-Newton factors and a formed residual, or formed
            as a whole, and an eigendecomposition of the matrix where that does not converge; "auto" takes the last two
            for networks of known layers of up to `MATRIX_LIMIT` parameters, where forming them costs less than the
            hundred products or more that Lanczos needs.
        tolerance: residual norm relative to the largest magnitude; 1e-3 in float32 and 1e-8 in float64 by default. A
            tenth of it, relative to each eigenvalue, is aimed at.
        seed: of the starting vectors.
        chunk: samples of data at a time, as in `HessianOperator`.

    Raises:
        ValueError: k out of range, or an unknown name.
        UnsupportedLayerError: method "factors" and a layer that the structured route does not know.
        ArithmeticError: Lanczos did not converge.
    """
    if not 1 <= k < objective.size:
        raise ValueError(f"k={k}: choose it from 1 to {objective.size - 1}, the number of parameters less one")
    for name, value, allowed in (("which", which, get_args(Which)), ("method", method, get_args(Route))):
        if value not in allowed:
            raise ValueError(f"{name}={value!r}: choose one of {', '.join(map(repr, allowed))}")
    if tolerance is None:
        tolerance = 1e-8 if objective.dtype == torch.float64 else 1e-3
    if method == "auto":
        method = _cheapest(objective)
    if method == "lanczos":
        return _from_products(HessianOperator(objective, chunk=chunk), k, which, tolerance, seed)
    if method == "matrix":
        return _from_matrix(hessian_matrix(objective), k, which, tolerance, seed)
    found = _from_blocks(factored_hessian(objective), k, which, tolerance, seed)
    return found or _from_matrix(hessian_matrix(objective), k, which, tolerance, seed)


def _cheapest(objective: Objective) -> Route:
    """What "auto" stands for."""
    if objective.size > MATRIX_LIMIT or not is_known(objective.model, objective.inputs):
        return "lanczos"
    with torch.no_grad():
        rows = objective.samples * objective.model(objective.inputs[:1]).numel()
    return "factors" if rows <= FACTOR_LIMIT * objective.size else "matrix"


def _from_products(operator: HessianOperator, k: int, which: Which, tolerance: float, seed: int) -> Eigenpairs:
    """SciPy's Lanczos."""
    start = np.random.default_rng(seed).standard_normal(operator.shape[0]).astype(operator.dtype)
    code = {"largest_algebraic": "LA", "largest_magnitude": "LM"}[which]
    try:
        values, vectors = eigsh(operator, k=k, which=code, v0=start, tol=tolerance / 10)
    except ArpackNoConvergence as error:
        raise ArithmeticError(
            f"Lanczos found {len(error.eigenvalues)} of {k} eigenpairs: ask for fewer, a larger tolerance, or float64"
        ) from error
    order = _outermost_first(values, which)
    values, vectors = values[order].astype(np.float64), vectors[:, order]
    images = operator @ vectors
    return _measured(values, vectors, images, tolerance, operator.products)


def _from_blocks(
    hessian: Tensor | FactoredHessian, k: int, which: Which, tolerance: float, seed: int
) -> Eigenpairs | None:
    """The block Krylov method, or None where it does not reach the tolerance."""
    size = hessian.shape[0]
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(size, min(size, max(k, BLOCK)), generator=generator, dtype=torch.float64)
    start = start.to(dtype=hessian.dtype, device=hessian.device)
    try:
        values, vectors = outermost(lambda block: hessian @ block, start, k, which, tolerance / 10)
    except NotConvergedError:
        return None
    found = _measured(values, vectors.cpu().numpy(), (hessian @ vectors).cpu().numpy(), tolerance)
    return found if found.converged.all() else None


def _from_matrix(matrix: Tensor, k: int, which: Which, tolerance: float, seed: int) -> Eigenpairs:
    """The block Krylov method, and the whole eigendecomposition where that does not reach the tolerance."""
    found = _from_blocks(matrix, k, which, tolerance, seed)
    if found is not None:
        return found
    values, vectors = torch.linalg.eigh(matrix)
    order = _outermost_first(values.cpu().numpy(), which)[:k]
    vectors = vectors[:, torch.from_numpy(order).to(vectors.device)]
    return _measured(
        values.double().cpu().numpy()[order], vectors.cpu().numpy(), (matrix @ vectors).cpu().numpy(), tolerance
    )


def _outermost_first(values: NDArray[np.floating], which: Which) -> NDArray[np.intp]:
    return np.argsort(values if which == "largest_algebraic" else np.abs(values))[::-1].copy()


def _measured(
    values: NDArray[np.float64],
    vectors: NDArray[np.floating],
    images: NDArray[np.floating],
    tolerance: float,
    matvecs: int = 0,
) -> Eigenpairs:
    """Eigenpairs with the residuals that fresh products of the vectors show."""
    norms = np.linalg.norm(images - vectors * values.astype(vectors.dtype), axis=0).astype(np.float64)
    return Eigenpairs(values, vectors, norms, norms <= tolerance * np.abs(values).max(), matvecs)
