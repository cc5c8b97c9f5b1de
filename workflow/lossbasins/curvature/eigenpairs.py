"""The outermost eigenvalues of a Hessian, with eigenvectors and residuals."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossbasins.curvature.decomposition import eigenpairs
from lossbasins.curvature.factored import FactoredHessian
from lossbasins.curvature.hessian import factored_hessian, hessian_matrix
from lossbasins.curvature.krylov import BLOCK, NotConvergedError, Which, outermost
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operators import HessianOperator
from lossbasins.curvature.progress import Progress, counted
from lossbasins.curvature.reading import read_network

Route = Literal["auto", "lanczos", "factors", "matrix"]

Shapes = dict[str, torch.Size]
"""Of parameters, by name, in the order of the parameter vector."""

MATRIX_LIMIT = 6000
"""Parameters up to which "auto" forms the matrix, or its factors, for a network with known layers."""

FACTOR_LIMIT = 2
"""Samples times outputs over parameters, up to which "auto" takes factors: beyond, they outgrow the matrix."""

STEPS = 30
"""Blocks of products with a formed Hessian after which it is decomposed as a whole."""

WIDTH = 2
"""Columns of the first block where products are what costs: a pair of equal values is then seen at once."""

DIMENSIONS = 300
"""Of the Krylov space where products are what costs, unless it outgrows `MEMORY`: then it is restarted earlier."""

MEMORY = 2**30
"""Bytes of the Krylov space before it is restarted, with three vectors for each pair at least."""

PRODUCTS = 1000
"""Hessian-vector products to spend at most, and 50 more for each pair."""


@dataclass(frozen=True)
class Eigenpairs:
    """Some eigenvalues of a symmetric matrix.

    Attributes:
        values: shape (k,), descending (by magnitude where that was asked for).
        vectors: shape (P, k), orthonormal columns.
        residual_norms: shape (k,), ``|H v - lambda v|`` with a fresh product each.
        converged: shape (k,), whether that is within the tolerance times the largest magnitude.
        matvecs: products spent, or 0 where the matrix was formed.
        shapes: of the parameters, by name, in the order in which they follow each other in the vectors.
    """

    values: NDArray[np.float64]
    vectors: NDArray[np.floating]
    residual_norms: NDArray[np.float64]
    converged: NDArray[np.bool_]
    matvecs: int
    shapes: Shapes

    def state_dict(self, i: int) -> dict[str, Tensor]:
        """Vector i as one tensor for each parameter, in its shape, by name, as `model.named_parameters()` gives them.

        Example:
            >>> moved = {name: value + 0.1 * top.state_dict(0)[name] for name, value in model.named_parameters()}
            >>> functional_call(model, moved, (inputs,))
        """
        pieces = torch.from_numpy(self.vectors[:, i].copy()).split_with_sizes(
            [shape.numel() for shape in self.shapes.values()]
        )
        return {name: piece.reshape(shape) for (name, shape), piece in zip(self.shapes.items(), pieces, strict=True)}


def top_eigenpairs(
    objective: Objective,
    k: int,
    *,
    which: Which = "largest_algebraic",
    method: Route = "auto",
    tolerance: float | None = None,
    seed: int = 0,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> Eigenpairs:
    """The k outermost eigenpairs of the Hessian of the mean loss.

    Args:
        objective: what to differentiate.
        k: how many, up to P.
        which: the largest values, or the largest magnitudes with either sign.
        method: "lanczos" is a block Lanczos method with Hessian-vector products, restarted; "factors" and "matrix" take
            larger blocks and the Hessian as Gauss-Newton factors and a formed residual, or formed as a whole, and an
            eigendecomposition of the matrix where that does not converge; "auto" takes the last two for networks of
            known layers of up to `MATRIX_LIMIT` parameters, where forming them costs less than the hundred products or
            more that Lanczos needs. All find every copy of a multiple eigenvalue.
        tolerance: residual norm relative to the largest magnitude; 1e-3 in float32 and 1e-8 in float64 by default. A
            tenth of it, relative to each eigenvalue, is aimed at.
        seed: of the starting vectors.
        chunk: samples of data at a time, as in `HessianOperator`.
        progress: called with the products done, and how many there will be at most, after each block of them; mostly
            far fewer are needed. Products with a formed Hessian are not told, as they take no time.

    Raises:
        ValueError: k out of range, or an unknown name.
        UnsupportedLayerError: method "factors" and a layer that the structured route does not know.
        NotConvergedError: Lanczos did not converge.
    """
    if not 1 <= k <= objective.size:
        raise ValueError(f"k={k}: choose it from 1 to {objective.size}, the number of parameters")
    for name, value, allowed in (("which", which, get_args(Which)), ("method", method, get_args(Route))):
        if value not in allowed:
            raise ValueError(f"{name}={value!r}: choose one of {', '.join(map(repr, allowed))}")
    if tolerance is None:
        tolerance = 1e-8 if objective.dtype == torch.float64 else 1e-3
    if method == "auto":
        method = _cheapest(objective)
    shapes = dict(zip(objective.names, objective.shapes, strict=True))
    if method == "lanczos":
        return _from_products(HessianOperator(objective, chunk=chunk), shapes, k, which, tolerance, seed, progress)
    if method == "matrix":
        return _from_matrix(hessian_matrix(objective), shapes, k, which, tolerance, seed)
    found = _from_blocks(factored_hessian(objective), shapes, k, which, tolerance, seed)
    return found or _from_matrix(hessian_matrix(objective), shapes, k, which, tolerance, seed)


def is_formed(objective: Objective) -> bool:
    """Whether the matrix, or its factors, cost less than the products that an estimate takes."""
    if objective.size > MATRIX_LIMIT:
        return False
    try:
        read_network(objective)
    except UnsupportedLayerError:
        return False
    return True


def _cheapest(objective: Objective) -> Route:
    """What "auto" stands for."""
    if not is_formed(objective):
        return "lanczos"
    rows = objective.samples * objective.output_size
    return "factors" if rows <= FACTOR_LIMIT * objective.size else "matrix"


def _from_products(
    operator: HessianOperator,
    shapes: Shapes,
    k: int,
    which: Which,
    tolerance: float,
    seed: int,
    progress: Progress | None,
) -> Eigenpairs:
    """The block Krylov method with few columns, restarted, where products are what costs."""
    like = operator.objective.parameters
    vector_bytes = len(like) * like.element_size()
    most = PRODUCTS + 50 * k
    product = counted(operator.product, most + k, progress)
    values, vectors = outermost(
        product,
        like,
        k,
        which,
        tolerance / 10,
        width=min(WIDTH, len(like)),
        dimensions=max(3 * k, min(DIMENSIONS, MEMORY // vector_bytes)),
        products=most,
        seed=seed,
    )
    images = product(vectors)
    return _measured(values, vectors.cpu().numpy(), images.cpu().numpy(), shapes, tolerance, operator.products)


def _from_blocks(
    hessian: Tensor | FactoredHessian, shapes: Shapes, k: int, which: Which, tolerance: float, seed: int
) -> Eigenpairs | None:
    """The block Krylov method with k columns or more, or None where it does not reach the tolerance."""
    size = hessian.shape[0]
    like = torch.empty(size, dtype=hessian.dtype, device=hessian.device)
    width = min(size, max(k, BLOCK))
    try:
        values, vectors = outermost(
            lambda block: hessian @ block,
            like,
            k,
            which,
            tolerance / 10,
            width=width,
            dimensions=STEPS * width,
            products=STEPS * width,
            seed=seed,
        )
    except NotConvergedError:
        return None
    found = _measured(values, vectors.cpu().numpy(), (hessian @ vectors).cpu().numpy(), shapes, tolerance)
    return found if found.converged.all() else None


def _from_matrix(matrix: Tensor, shapes: Shapes, k: int, which: Which, tolerance: float, seed: int) -> Eigenpairs:
    """The block Krylov method, and the whole eigendecomposition where that does not reach the tolerance."""
    found = _from_blocks(matrix, shapes, k, which, tolerance, seed)
    if found is not None:
        return found
    values, vectors = eigenpairs(matrix)
    order = _outermost_first(values.cpu().numpy(), which)[:k]
    vectors = vectors[:, torch.from_numpy(order).to(vectors.device)]
    images = (matrix @ vectors).cpu().numpy()
    return _measured(values.cpu().numpy()[order], vectors.cpu().numpy(), images, shapes, tolerance)


def _outermost_first(values: NDArray[np.floating], which: Which) -> NDArray[np.intp]:
    return np.argsort(values if which == "largest_algebraic" else np.abs(values))[::-1].copy()


def _measured(
    values: NDArray[np.float64],
    vectors: NDArray[np.floating],
    images: NDArray[np.floating],
    shapes: Shapes,
    tolerance: float,
    matvecs: int = 0,
) -> Eigenpairs:
    """Eigenpairs with the residuals that fresh products of the vectors show."""
    norms = np.linalg.norm(images - vectors * values.astype(vectors.dtype), axis=0).astype(np.float64)
    return Eigenpairs(values, vectors, norms, norms <= tolerance * np.abs(values).max(), matvecs, shapes)
