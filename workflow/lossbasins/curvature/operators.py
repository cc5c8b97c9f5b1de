"""Curvature matrices as linear operators: products without the matrix."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, Generic, Literal, NamedTuple, Self, TypeVar, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature.autodiff import Graph
from lossbasins.curvature.derivatives import Jacobian
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.symmetry import check_symmetry

COLUMNS = 8
"""Columns of a block that a GPU multiplies at once; a CPU takes one after another, which is quicker there."""

FisherKind = Literal["true", "empirical"]

G = TypeVar("G")
"""What is kept of some samples between products."""


class CurvatureOperator(LinearOperator, Generic[G]):  # type: ignore[misc]
    """A symmetric matrix (P, P) that is a sum over samples, known by its products.

    A SciPy `LinearOperator`: `operator @ v` for a NumPy vector (P,) or block (P, K), and an argument to `eigsh`.
    Graphs are built at the parameters as they are when the operator is made, once, and kept.

    Args:
        objective: what to differentiate.
        chunk: samples to take at a time; the graph is then rebuilt for each chunk in each product, and memory is that
            of one chunk. None keeps the graph of all samples, or takes the batches of a stream as they come.

    Attributes:
        products: columns multiplied so far.

    Raises:
        AsymmetryError: torch's second derivative of the model is wrong.
        DifferentiationError: torch has none.
    """

    def __init__(self, objective: Objective, *, chunk: int | None = None) -> None:
        if chunk is not None and chunk < 1:
            raise ValueError(f"chunk={chunk}: give a number of samples, or None for all at once")
        self.objective = objective
        self.chunk = chunk
        check_symmetry(objective)
        self._parameters = objective.parameters
        self.products = 0
        self._kept: G | None = None
        super().__init__(
            dtype=torch.empty(0, dtype=objective.dtype).numpy().dtype, shape=(objective.size, objective.size)
        )

    def product(self, vectors: Tensor) -> Tensor:
        """The matrix times a vector (P,) or block (P, K), as a tensor of the objective's dtype and device."""
        if vectors.dim() == 1:
            return self._columns(vectors[:, None])[:, 0]
        at_once = COLUMNS if vectors.is_cuda else 1
        return torch.cat([self._columns(block) for block in torch.split(vectors, at_once, dim=1)], dim=1)

    @abstractmethod
    def _graph(self, inputs: Tensor, targets: Tensor) -> G:
        """What products with the share of some samples need."""

    @abstractmethod
    def _share(self, graph: G, directions: Tensor) -> Tensor:
        """The share of these samples times each row of (K, P)."""

    def _columns(self, block: Tensor) -> Tensor:
        self.products += block.shape[1]
        total = torch.zeros_like(block)
        for graph in self._graphs():
            total += self._share(graph, block.T).T
        return total

    def _graphs(self) -> Iterator[G]:
        """For each chunk of samples."""
        if self.chunk is not None or self.objective.data.streamed:
            for inputs, targets in self.objective.chunks(self.chunk):
                yield self._graph(inputs, targets)
            return
        if self._kept is None:
            ((inputs, targets),) = self.objective.chunks()
            self._kept = self._graph(inputs, targets)
        yield self._kept

    def _matvec(self, vector: NDArray[Any]) -> NDArray[Any]:
        return self._matmat(vector.reshape(-1, 1))[:, 0]

    def _matmat(self, vectors: NDArray[Any]) -> NDArray[Any]:
        block = torch.as_tensor(np.ascontiguousarray(vectors), dtype=self.objective.dtype, device=self.objective.device)
        result: NDArray[Any] = self.product(block).cpu().numpy()
        return result

    def _adjoint(self) -> Self:
        return self


class HessianOperator(CurvatureOperator[Graph]):
    r"""Exact products with the Hessian of the mean loss, shape (P, P).

    Products are the derivative of :math:`\langle \nabla L, v \rangle` (Pearlmutter, 1994). Arguments and errors are
    `CurvatureOperator`'s.

    Example:
        >>> model = nn.Linear(2, 1).double().eval()
        >>> operator = HessianOperator(Objective(model, torch.eye(2).double(), torch.zeros(2, 1).double(), "mse"))
        >>> operator @ np.array([0.0, 0.0, 1.0])
        array([1., 1., 2.])
    """

    def gradient(self) -> Tensor:
        """The gradient of the mean loss, shape (P,)."""
        return sum((graph.gradient for graph in self._graphs()), torch.zeros_like(self._parameters))

    @override
    def _graph(self, inputs: Tensor, targets: Tensor) -> Graph:
        return Graph(self.objective, inputs, targets, self._parameters)

    @override
    def _share(self, graph: Graph, directions: Tensor) -> Tensor:
        return graph.hessian_product(directions)


class Outputs(NamedTuple):
    """A model's outputs (n, ...) on some samples, with their Jacobian and targets."""

    jacobian: Jacobian
    values: Tensor
    targets: Tensor


class OutputOperator(CurvatureOperator[Outputs]):
    """J^T M J, with J the Jacobian of the outputs, and M a block for each sample's outputs.

    No derivative of the model beyond the first is in it; the graph kept is that of J^T u, for the sake of J v.
    """

    @abstractmethod
    def _metric(self, outputs: Tensor, targets: Tensor, changes: Tensor) -> Tensor:
        """M times changes (K, n, ...) of the outputs (n, ...)."""

    @override
    def _graph(self, inputs: Tensor, targets: Tensor) -> Outputs:
        with torch.enable_grad():
            point = self._parameters.clone().requires_grad_()
            outputs = self.objective.outputs_at(self.objective.split(point), inputs)
            return Outputs(Jacobian(self.objective.model, outputs, point), outputs.detach(), targets)

    @override
    def _share(self, graph: Outputs, directions: Tensor) -> Tensor:
        changes = graph.jacobian.push(directions)
        return graph.jacobian.pull(self._metric(graph.values, graph.targets, changes))


class GaussNewtonOperator(OutputOperator):
    """Exact products with the generalised Gauss-Newton matrix J^T S J of the mean loss, shape (P, P).

    S is the Hessian of the mean loss in the outputs; the matrix is positive semidefinite, as the losses are convex.
    Weight decay counts to it. `ggn_matrix` forms it. Arguments and errors are `CurvatureOperator`'s.

    Example:
        >>> model = nn.Linear(2, 1).double().eval()
        >>> operator = GaussNewtonOperator(Objective(model, torch.eye(2).double(), torch.zeros(2, 1).double(), "mse"))
        >>> operator @ np.array([0.0, 0.0, 1.0])
        array([1., 1., 2.])
    """

    @override
    def _metric(self, outputs: Tensor, targets: Tensor, changes: Tensor) -> Tensor:
        return self.objective.loss.hessian_product(outputs, targets, self.objective.samples, changes)

    @override
    def _share(self, graph: Outputs, directions: Tensor) -> Tensor:
        return super()._share(graph, directions) + self.objective.decay(len(graph.values)) * directions


class FisherOperator(OutputOperator):
    r"""Exact products with the Fisher information of the model, per sample, shape (P, P).

    With :math:`\ell_i` the loss of sample i, whose mean over samples is the objective's,

    - "true": :math:`\frac1n \sum_i E_y [\nabla \ell_i(y) \nabla \ell_i(y)^T]`, where y is drawn from the model's own
      prediction, the distribution of which the loss is the negative log likelihood up to a constant. It does not
      depend on the targets. For "cross_entropy" that is the softmax. For "mse", the mean over C outputs of the squared
      error, it is a Gaussian of variance C / 2 for each output; for one of variance 1, the matrix is C / 2 times this
      one. Both are natural parameters of exponential families, so the matrix is the Gauss-Newton one (Martens, 2020).
    - "empirical": :math:`\frac1n \sum_i \nabla \ell_i \nabla \ell_i^T`, with the targets as they are. It is the
      uncentred covariance of per-sample gradients, no approximation of the Hessian (Kunstner et al., 2019), and
      vanishes where every sample is fitted.

    Args:
        objective: what to differentiate.
        kind: see above.
        chunk: as in `CurvatureOperator`, whose errors may be raised.

    Raises:
        ValueError: an unknown kind, or "true" for a loss that is no negative log likelihood.
    """

    def __init__(self, objective: Objective, kind: FisherKind = "true", *, chunk: int | None = None) -> None:
        if kind not in get_args(FisherKind):
            raise ValueError(f"kind={kind!r}: choose one of {', '.join(map(repr, get_args(FisherKind)))}")
        if kind == "true" and not objective.loss.is_likelihood:
            raise ValueError(
                f"kind='true' with loss {objective.loss.name!r}: which distribution the model predicts is known for "
                "'cross_entropy' without weights and smoothing, and for 'mse'; take kind='empirical' or "
                "GaussNewtonOperator"
            )
        self.kind = kind
        super().__init__(objective, chunk=chunk)

    @override
    def _metric(self, outputs: Tensor, targets: Tensor, changes: Tensor) -> Tensor:
        loss, samples = self.objective.loss, self.objective.samples
        if self.kind == "true":
            return loss.hessian_product(outputs, targets, samples, changes)
        slopes = loss.gradient(outputs, targets, samples)
        along = (changes * slopes).flatten(2).sum(2)  # each sample's change of its loss, over n
        return samples * torch.einsum("kn,n...->kn...", along, slopes)
