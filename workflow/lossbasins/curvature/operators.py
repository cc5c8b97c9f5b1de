"""The Hessian as a linear operator: products without the matrix."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator
from torch import Tensor

from lossbasins.curvature.autodiff import Graph
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.symmetry import check_symmetry

COLUMNS = 8
"""Columns of a block that a GPU multiplies at once; a CPU takes one after another, which is quicker there."""


class HessianOperator(LinearOperator):  # type: ignore[misc]
    r"""Exact products with the Hessian of the mean loss, shape (P, P).

    A SciPy `LinearOperator`: `operator @ v` for a NumPy vector (P,) or block (P, K), and an argument to `eigsh`.
    Products are the derivative of :math:`\langle \nabla L, v \rangle` (Pearlmutter, 1994). The graph of the gradient is
    built once, at the parameters as they are then, and kept.

    Args:
        objective: what to differentiate.
        chunk: samples to take at a time; the graph is then rebuilt for each chunk in each product, and memory is that
            of one chunk. None keeps the graph of all samples.

    Raises:
        AsymmetryError: torch's second derivative of the model is wrong.
        DifferentiationError: torch has none.

    Example:
        >>> model = nn.Linear(2, 1).double().eval()
        >>> operator = HessianOperator(Objective(model, torch.eye(2).double(), torch.zeros(2, 1).double(), "mse"))
        >>> operator @ np.array([0.0, 0.0, 1.0])
        array([1., 1., 2.])
    """

    def __init__(self, objective: Objective, *, chunk: int | None = None) -> None:
        if chunk is not None and chunk < 1:
            raise ValueError(f"chunk={chunk}: give a number of samples, or None for all at once")
        self.objective = objective
        self.chunk = chunk
        check_symmetry(objective)
        self._parameters = objective.parameters
        self.products = 0
        self._graph: Graph | None = None
        super().__init__(
            dtype=torch.empty(0, dtype=objective.dtype).numpy().dtype, shape=(objective.size, objective.size)
        )

    def product(self, vectors: Tensor) -> Tensor:
        """H v for a vector (P,), or H V for a block (P, K), as a tensor of the objective's dtype and device."""
        if vectors.dim() == 1:
            return self._columns(vectors[:, None])[:, 0]
        at_once = COLUMNS if vectors.is_cuda else 1
        return torch.cat([self._columns(block) for block in torch.split(vectors, at_once, dim=1)], dim=1)

    def gradient(self) -> Tensor:
        """The gradient of the mean loss, shape (P,)."""
        return sum((graph.gradient for graph in self._graphs()), torch.zeros_like(self._parameters))

    def _columns(self, block: Tensor) -> Tensor:
        self.products += block.shape[1]
        total = torch.zeros_like(block)
        for graph in self._graphs():
            total += graph.hessian_product(block.T).T
        return total

    def _graphs(self) -> Iterator[Graph]:
        """The gradient's graph, for each chunk of samples."""
        if self.chunk is not None:
            for inputs, targets in self.objective.chunks(self.chunk):
                yield Graph(self.objective, inputs, targets, self._parameters)
            return
        if self._graph is None:
            ((inputs, targets),) = self.objective.chunks()
            self._graph = Graph(self.objective, inputs, targets, self._parameters)
        yield self._graph

    def _matvec(self, vector: NDArray[Any]) -> NDArray[Any]:
        return self._matmat(vector.reshape(-1, 1))[:, 0]

    def _matmat(self, vectors: NDArray[Any]) -> NDArray[Any]:
        block = torch.as_tensor(np.ascontiguousarray(vectors), dtype=self.objective.dtype, device=self.objective.device)
        result: NDArray[Any] = self.product(block).cpu().numpy()
        return result

    def _adjoint(self) -> "HessianOperator":
        return self
