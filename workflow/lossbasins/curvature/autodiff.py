"""Exact curvature of any differentiable model: products, and matrices in blocks of columns."""

import torch
from torch import Tensor
from torch.autograd.graph import Node

from lossbasins.curvature.calling import twice_differentiable_kernels
from lossbasins.curvature.derivatives import Derivatives, Jacobian
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.workspace import workspace

MEMORY = 2**30
"""Bytes that the retained graph of one chunk of samples may take, by default."""

COLUMNS = 32
"""Columns of one batched product at most."""

CACHED = 2**24
"""Bytes of one column's intermediate values times columns, beyond which batching slows a CPU down."""


class Graph(Derivatives):
    """Gradient, and Jacobian, of some samples' share of the objective, differentiable once more.

    Args:
        objective: of any model that torch can differentiate twice.
        inputs: of the samples.
        targets: of the samples.
        point: the parameter vector (P,) to differentiate at.
        gauss_newton: whether `gauss_newton_product` will be asked for.
    """

    def __init__(
        self, objective: Objective, inputs: Tensor, targets: Tensor, point: Tensor, *, gauss_newton: bool = False
    ) -> None:
        super().__init__(objective.model)
        self._decay = objective.decay(len(inputs))
        with torch.enable_grad():
            self._point = point.detach().requires_grad_()
            outputs = objective.outputs_at(objective.split(self._point), inputs)
            loss = objective.loss.total(outputs, targets, objective.samples)
            self._differentiable_gradient = self.derivative(loss, self._point, None, create_graph=True)
            if gauss_newton:
                self._jacobian = Jacobian(objective.model, outputs, self._point)
                self._leaf = outputs.detach().requires_grad_()
                loss = objective.loss.total(self._leaf, targets, objective.samples)
                self._slope = self.derivative(loss, self._leaf, None, create_graph=True)

    @property
    def root(self) -> Node | None:
        """Of the autograd graph that second derivatives are taken in."""
        return self._differentiable_gradient.grad_fn

    @property
    def gradient(self) -> Tensor:
        """Of the samples' share, shape (P,)."""
        return self._decayed(self._differentiable_gradient.detach(), self._point.detach())

    def hessian_product(self, directions: Tensor) -> Tensor:
        """H v for each row of (K, P)."""
        return self._decayed(self.products(self._differentiable_gradient, self._point, directions), directions)

    def gauss_newton_product(self, directions: Tensor) -> Tensor:
        """J^T S J v for each row of (K, P)."""
        curved = self.products(self._slope, self._leaf, self._jacobian.push(directions))
        return self._decayed(self._jacobian.pull(curved), directions)

    def _decayed(self, products: Tensor, vectors: Tensor) -> Tensor:
        return products + self._decay * vectors if self._decay else products


def autodiff_matrix(objective: Objective, *, ggn: bool, residual: bool, memory: int | None = None) -> Tensor:
    """Generalised Gauss-Newton matrix, residual, or their sum, of shape (P, P), by reverse over reverse mode.

    Args:
        objective: of any model that torch can differentiate twice.
        ggn: whether to include the generalised Gauss-Newton matrix.
        residual: whether to include the residual.
        memory: bytes for the retained graph; samples are split to keep it, one being taken at least.

    Raises:
        AsymmetryError: torch's second derivative of the model is wrong.
        DifferentiationError: torch has none.
    """
    size = objective.size
    matrix = torch.zeros(size, size, dtype=objective.dtype, device=objective.device)
    sample = _bytes_of_sample(objective)
    memory = memory or workspace(objective.device, MEMORY)
    for inputs, targets in objective.chunks(max(1, memory // (8 * sample))):
        columns = min(COLUMNS, max(1, workspace(objective.device, CACHED) // (sample * len(inputs))))
        graph = Graph(objective, inputs, targets, objective.parameters, gauss_newton=ggn != residual)
        for start in range(0, size, columns):
            block = matrix[start : start + columns]
            directions = torch.zeros_like(block)
            directions[:, start : start + columns].fill_diagonal_(1)
            if residual:
                block += graph.hessian_product(directions)
            if ggn != residual:
                block += (1 if ggn else -1) * graph.gauss_newton_product(directions)
    return matrix


def autodiff_product(objective: Objective, vector: Tensor, *, ggn: bool, residual: bool, samples: int | None) -> Tensor:
    """The same matrix times a vector (P,), for `samples` samples at a time."""
    total = torch.zeros_like(vector)
    for inputs, targets in objective.chunks(samples):
        graph = Graph(objective, inputs, targets, objective.parameters, gauss_newton=ggn != residual)
        if residual:
            total += graph.hessian_product(vector[None])[0]
        if ggn != residual:
            total += (1 if ggn else -1) * graph.gauss_newton_product(vector[None])[0]
    return total


def gradient_at(objective: Objective, point: Tensor, chunk: int | None) -> Tensor:
    """The gradient of the mean loss at a parameter vector, both (P,), for `chunk` samples at a time."""
    total = torch.zeros_like(point)
    for inputs, targets in objective.chunks(chunk):
        moved = point.detach().requires_grad_()
        with torch.enable_grad():
            loss = objective.loss_at(objective.split(moved), inputs, targets)
        if loss.requires_grad:
            with twice_differentiable_kernels(objective.model):
                (gradient,) = torch.autograd.grad(loss, moved, allow_unused=True, materialize_grads=True)
            total += gradient
    return total


def _bytes_of_sample(objective: Objective) -> int:
    """Size of what one sample's forward pass keeps for the backward pass, for each of the samples at a time."""
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    inputs, _ = objective.some(1)
    point = objective.parameters.requires_grad_()
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        outputs = objective.outputs_at(objective.split(point), inputs)
    kept.pop(point.untyped_storage().data_ptr(), None)
    return max(1, (sum(kept.values()) + outputs.nbytes) // len(inputs))
