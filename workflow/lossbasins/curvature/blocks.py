"""Norms of a Hessian's blocks, parameter by parameter."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from lossbasins.curvature.decomposition import eigenvalues
from lossbasins.curvature.hessian import hessian_matrix
from lossbasins.curvature.objective import Objective


@dataclass(frozen=True)
class BlockNorms:
    """Norms of the rows and columns that belong to one parameter, such as a layer's weight.

    Attributes:
        size: entries of the parameter, and so rows of its diagonal block.
        trace: of the diagonal block.
        largest: largest eigenvalue of the diagonal block.
        frobenius: Frobenius norm of the block that this parameter has with each, by name; its own is the diagonal one.
    """

    size: int
    trace: float
    largest: float
    frobenius: dict[str, float]


def block_norms(objective: Objective, *, matrix: Tensor | None = None) -> dict[str, BlockNorms]:
    """Norms of all blocks of the Hessian, by the names of the parameters, exact up to rounding.

    Args:
        objective: what to differentiate.
        matrix: another matrix of its parameters, or the Hessian where it is at hand, shape (P, P): by default the
            Hessian is formed.

    Raises:
        ValueError: a matrix of another shape.

    Example:
        >>> norms = block_norms(objective)
        >>> norms["0.weight"].largest, norms["0.weight"].frobenius["2.weight"]
    """
    if matrix is None:
        matrix = hessian_matrix(objective)
    if matrix.shape != (objective.size, objective.size):
        raise ValueError(f"matrix of shape {tuple(matrix.shape)}: give one of {(objective.size, objective.size)}")
    spans = dict(zip(objective.names, pairwise([*objective.offsets, objective.size]), strict=True))
    norms = {}
    for name, (start, stop) in spans.items():
        rows = matrix[start:stop]
        block = rows[:, start:stop]
        norms[name] = BlockNorms(
            size=stop - start,
            trace=float(block.diagonal().double().sum()),
            largest=float(eigenvalues(block)[-1]),
            frobenius={other: float(torch.linalg.norm(rows[:, left:right])) for other, (left, right) in spans.items()},
        )
    return norms
