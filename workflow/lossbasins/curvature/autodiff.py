"""Exact curvature matrices of any differentiable model, in blocks of columns."""

import torch
from torch import Tensor

from lossbasins.curvature.objective import Objective

MEMORY = 2**30
"""Bytes that the retained graph of one chunk of samples may take, by default."""

COLUMNS = 32
"""Columns of one batched product at most."""

CACHED = 2**24
"""Bytes of one column's intermediate values times columns, beyond which batching slows a CPU down."""


def autodiff_matrix(objective: Objective, *, ggn: bool, residual: bool, memory: int = MEMORY) -> Tensor:
    """Generalised Gauss-Newton matrix, residual, or their sum, of shape (P, P), by reverse over reverse mode.

    Args:
        objective: of any model that torch can differentiate twice.
        ggn: whether to include the generalised Gauss-Newton matrix.
        residual: whether to include the residual.
        memory: bytes for the retained graph; samples are split to keep it, one being taken at least.
    """
    size = objective.size
    matrix = torch.zeros(size, size, dtype=objective.dtype, device=objective.device)
    sample = _bytes_of_sample(objective)
    for inputs, targets in objective.chunks(max(1, memory // (8 * sample))):
        columns = min(COLUMNS, max(1, CACHED // (sample * len(inputs))))
        graph = _Graph(objective, inputs, targets, gauss_newton=ggn != residual)
        for start in range(0, size, columns):
            block = matrix[start : start + columns]
            directions = torch.zeros_like(block)
            directions[:, start : start + columns].fill_diagonal_(1)
            if residual:
                block += graph.hessian_product(directions)
            if ggn != residual:
                block += (1 if ggn else -1) * graph.gauss_newton_product(directions)
    return (matrix + matrix.T) / 2


def autodiff_product(objective: Objective, vector: Tensor, *, ggn: bool, residual: bool, samples: int) -> Tensor:
    """The same matrix times a vector (P,), for `samples` samples at a time."""
    total = torch.zeros_like(vector)
    for inputs, targets in objective.chunks(samples):
        graph = _Graph(objective, inputs, targets, gauss_newton=ggn != residual)
        if residual:
            total += graph.hessian_product(vector[None])[0]
        if ggn != residual:
            total += (1 if ggn else -1) * graph.gauss_newton_product(vector[None])[0]
    return total


class _Graph:
    """Gradient and Jacobian of some samples' loss, differentiable once more."""

    def __init__(self, objective: Objective, inputs: Tensor, targets: Tensor, *, gauss_newton: bool) -> None:
        with torch.enable_grad():
            self._point = objective.parameters.requires_grad_()
            outputs = objective.outputs_at(objective.split(self._point), inputs)
            loss = objective.loss.total(outputs, targets, objective.samples)
            (self._gradient,) = torch.autograd.grad(loss, self._point, create_graph=True)
            if gauss_newton:
                self._outputs = outputs
                self._cotangent = torch.zeros_like(outputs).requires_grad_()
                (self._pulled,) = torch.autograd.grad(outputs, self._point, self._cotangent, create_graph=True)
                self._leaf = outputs.detach().requires_grad_()
                loss = objective.loss.total(self._leaf, targets, objective.samples)
                (self._slope,) = torch.autograd.grad(loss, self._leaf, create_graph=True)

    def hessian_product(self, directions: Tensor) -> Tensor:
        """H v for each row of (K, P)."""
        return _batched(self._gradient, self._point, directions)

    def gauss_newton_product(self, directions: Tensor) -> Tensor:
        """J^T S J v for each row of (K, P); J v is the derivative of v . J^T u in u."""
        change = _batched(self._pulled, self._cotangent, directions)
        curved = _batched(self._slope, self._leaf, change)
        return _batched(self._outputs, self._point, curved)


def _batched(value: Tensor, variable: Tensor, cotangents: Tensor) -> Tensor:
    """Derivative of each combination of a value's entries, (K, ...)."""
    single = len(cotangents) == 1
    (product,) = torch.autograd.grad(
        value,
        variable,
        cotangents[0] if single else cotangents,
        retain_graph=True,
        is_grads_batched=not single,
        allow_unused=True,
        materialize_grads=True,
    )
    return product[None] if single else product


def _bytes_of_sample(objective: Objective) -> int:
    """Size of all module outputs for one sample."""
    sizes: list[int] = [1]
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: sizes.append(output.numel()))  # noqa: ARG005
        for module in objective.model.modules()
    ]
    with torch.no_grad():
        objective.model(objective.inputs[:1])
    for hook in hooks:
        hook.remove()
    return sum(sizes) * objective.inputs.element_size()
