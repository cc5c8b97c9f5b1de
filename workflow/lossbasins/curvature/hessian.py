"""Exact curvature matrices by the fastest route that knows the model."""

from typing import Literal

import torch
from torch import Tensor

from lossbasins.curvature import autodiff, structured
from lossbasins.curvature.columns import columns_matrix
from lossbasins.curvature.factored import FactoredHessian
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.reading import read_program
from lossbasins.curvature.symmetry import check_symmetry, symmetrised

Method = Literal["auto", "structured", "autodiff"]

CHECK_TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-9}
"""Largest relative difference of a matrix's product from autograd's: well over rounding, well under a wrong block."""

CHECK_SAMPLES = 256
"""Samples at a time in the check."""


class InexactMatrixError(ArithmeticError):
    """A matrix disagrees with an automatically differentiated product."""


def hessian_matrix(objective: Objective, method: Method = "auto", *, memory: int | None = None) -> Tensor:
    """The Hessian of the mean loss, checked against one product by automatic differentiation.

    Args:
        objective: what to differentiate.
        method: "structured" for networks of known layers and, more slowly, whatever torch.fx can trace; "autodiff" for
            any model; "auto" for the first of these that knows the model.
        memory: bytes for intermediate values, beside the matrix; by default 256 MiB on a CPU (1 GiB by automatic
            differentiation), and a sixteenth of a GPU's.

    Returns:
        Shape (P, P), symmetric, rows and columns in the order of the objective's parameters.

    Raises:
        UnsupportedLayerError: method "structured" and a model that it cannot read.
        InexactMatrixError: the structured matrix is not the Hessian of this model.

    Example:
        >>> model = nn.Linear(2, 1).double().eval()
        >>> hessian_matrix(Objective(model, torch.eye(2).double(), torch.zeros(2, 1).double(), "mse")).tolist()
        [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0]]
    """
    return _matrix(objective, method, memory, ggn=True, residual=True)


def ggn_matrix(objective: Objective, method: Method = "auto", *, memory: int | None = None) -> Tensor:
    """The generalised Gauss-Newton matrix J^T S J, shape (P, P), positive semidefinite; see `hessian_matrix`."""
    return _matrix(objective, method, memory, ggn=True, residual=False)


def residual_matrix(objective: Objective, method: Method = "auto", *, memory: int | None = None) -> Tensor:
    """What the Hessian has beyond the generalised Gauss-Newton matrix, shape (P, P); see `hessian_matrix`."""
    return _matrix(objective, method, memory, ggn=False, residual=True)


def factored_hessian(objective: Objective) -> FactoredHessian:
    """The Hessian of a network of known layers as V^T V + R, checked as `hessian_matrix` is."""
    factored = structured.structured_factors(objective)
    _check(factored, objective, ggn=True, residual=True)
    return factored


def _matrix(objective: Objective, method: Method, memory: int | None, *, ggn: bool, residual: bool) -> Tensor:
    if method not in ("auto", "structured", "autodiff"):
        raise ValueError(f"method={method!r}: choose 'auto', 'structured' or 'autodiff'")
    if method != "autodiff":
        try:
            matrix = _structured(objective, memory, ggn=ggn, residual=residual)
        except UnsupportedLayerError:
            if method == "structured":
                raise
        else:
            _check(matrix, objective, ggn=ggn, residual=residual)
            return matrix
    check_symmetry(objective)
    return symmetrised(autodiff.autodiff_matrix(objective, ggn=ggn, residual=residual, memory=memory), objective)


def _structured(objective: Objective, memory: int | None, *, ggn: bool, residual: bool) -> Tensor:
    """By tangents for a network of known layers, by columns for any other that can be traced."""
    try:
        return structured.structured_matrix(objective, ggn=ggn, residual=residual, memory=memory)
    except UnsupportedLayerError:
        program = read_program(objective)
    try:
        return columns_matrix(objective, program, ggn=ggn, residual=residual, memory=memory)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:  # an operation that torch cannot take many columns through
        line = (str(error).splitlines() or [""])[0]
        raise UnsupportedLayerError(f"{type(objective.model).__name__} cannot be taken by columns: {line}") from error


def _check(matrix: Tensor | FactoredHessian, objective: Objective, *, ggn: bool, residual: bool) -> None:
    """One product with a random vector, against automatic differentiation, in float64 where float32 disagrees."""
    share = _difference(matrix, objective, ggn=ggn, residual=residual)
    if not share <= CHECK_TOLERANCE[matrix.dtype] and matrix.dtype == torch.float32:
        share = _difference(matrix, objective.to(torch.float64), ggn=ggn, residual=residual)
    if not share <= CHECK_TOLERANCE[matrix.dtype]:
        raise InexactMatrixError(
            f"the structured matrix times a random vector differs from automatic differentiation by {share:.2g} of its "
            f"length, where {CHECK_TOLERANCE[matrix.dtype]:.0g} would be rounding: use method='autodiff' for this model"
            + (", or float64" if matrix.dtype == torch.float32 else "")
        )


def _difference(matrix: Tensor | FactoredHessian, objective: Objective, *, ggn: bool, residual: bool) -> float:
    """Of a matrix from automatic differentiation of an objective, in one product, relative to it."""
    generator = torch.Generator().manual_seed(0)
    vector = torch.randn(objective.size, generator=generator, dtype=torch.float64).to(objective.parameters)
    expected = autodiff.autodiff_product(objective, vector, ggn=ggn, residual=residual, samples=CHECK_SAMPLES)
    difference = float(((matrix @ vector.to(matrix.dtype)).to(expected) - expected).norm())
    return difference / float(expected.norm()) if difference else 0.0
