"""Derivatives of what a model has computed, by reverse mode, for several directions at once where that goes."""

import warnings

import torch
from torch import Tensor, nn

from lossbasins.curvature.calling import twice_differentiable_kernels


class DifferentiationError(ArithmeticError):
    """Torch has no second derivative of an operation of the model."""


class Derivatives:
    """Derivatives of tensors that a model's graph holds.

    Args:
        model: that computed them.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model

    def products(self, value: Tensor, variable: Tensor, cotangents: Tensor) -> Tensor:
        """Derivative of each combination of a value's entries, (K, ...)."""
        if not value.requires_grad:  # it is constant, and so its derivative zero
            return variable.new_zeros(len(cotangents), *variable.shape)
        if len(cotangents) == 1:
            return self.derivative(value, variable, cotangents[0])[None]
        try:
            return self.derivative(value, variable, cotangents, batched=True)
        except (RuntimeError, DifferentiationError):  # some operations cannot be batched
            return torch.stack([self.derivative(value, variable, cotangent) for cotangent in cotangents])

    def derivative(
        self,
        value: Tensor,
        variable: Tensor,
        cotangent: Tensor | None,
        *,
        create_graph: bool = False,
        batched: bool = False,
    ) -> Tensor:
        """One derivative, zero where the value does not depend on the variable.

        Raises:
            DifferentiationError: torch has none.
        """
        if not value.requires_grad:
            return torch.zeros_like(variable)
        with twice_differentiable_kernels(self._model), warnings.catch_warnings():
            if batched:  # operations without a batching rule are slow, and right
                warnings.filterwarnings("ignore", message="There is a performance drop")
            try:
                (derivative,) = torch.autograd.grad(
                    value,
                    variable,
                    cotangent,
                    retain_graph=True,
                    create_graph=create_graph,
                    is_grads_batched=batched,
                    allow_unused=True,
                    materialize_grads=True,
                )
            except RuntimeError as error:
                if any(phrase in str(error) for phrase in ("not implemented", "differentiate twice")):
                    line = str(error).splitlines()[0]
                    raise DifferentiationError(f"torch has no second derivative of this model: {line}") from error
                raise
        return derivative


class Jacobian(Derivatives):
    """Products with the Jacobian J of outputs in the parameter vector.

    J v is the derivative of v . J^T u in u, which every operation has that can be differentiated twice; forward mode
    has gaps, such as LSTMs, and took 1.2 to 2.7 times as long.

    Args:
        model: that computed the outputs.
        outputs: shape (n, ...), with their graph.
        point: the parameter vector (P,) that they were computed from.
    """

    def __init__(self, model: nn.Module, outputs: Tensor, point: Tensor) -> None:
        super().__init__(model)
        self._outputs, self._point = outputs, point
        self._cotangent = torch.zeros_like(outputs).requires_grad_()
        self._pulled = self.derivative(outputs, point, self._cotangent, create_graph=True)

    def push(self, directions: Tensor) -> Tensor:
        """J v for each row of (K, P): changes of the outputs, (K, n, ...)."""
        return self.products(self._pulled, self._cotangent, directions)

    def pull(self, cotangents: Tensor) -> Tensor:
        """J^T u for each of (K, n, ...): (K, P)."""
        return self.products(self._outputs, self._point, cotangents)
