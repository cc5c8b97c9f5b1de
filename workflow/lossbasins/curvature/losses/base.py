"""What a loss must give: values, and derivatives in the model's outputs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

import torch
from torch import Tensor


class Loss(ABC):
    """A loss that is a mean over samples of a function of a sample's outputs and targets.

    Wherever `samples` is asked for, it is the number of all samples of the data, of which those given may be a part.
    """

    name: str

    has_root = True
    """Whether it is convex in the outputs, and `hessian_root` there."""

    is_likelihood = False
    """Whether a sample's loss is the negative log likelihood of what the model predicts, up to a constant."""

    def settled(self, targets: Iterable[Tensor]) -> "Loss":  # noqa: ARG002 - most have nothing to learn
        """The loss for data with these targets, which come in batches."""
        return self

    @abstractmethod
    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """Raise ValueError or TypeError where outputs and targets do not fit this loss."""

    @abstractmethod
    def total(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """Sum over the given samples, divided by what makes it a mean over `samples`: differentiable."""

    @abstractmethod
    def gradient(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """Derivative of `total` with respect to the outputs (n, classes), of the same shape."""

    @abstractmethod
    def hessian_root(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """R of shape (rank, n, classes), with sum_k R[k, i] R[k, i]^T the Hessian of `total` in the outputs of i."""

    def hessian_product(self, outputs: Tensor, targets: Tensor, samples: int, changes: Tensor) -> Tensor:
        """The Hessian of `total` in the outputs (n, ...) times changes (q, n, ...) of them."""
        root = self.hessian_root(outputs, targets, samples).flatten(2)
        lengths = torch.einsum("knc,qnc->qkn", root, changes.flatten(2))
        return torch.einsum("knc,qkn->qnc", root, lengths).reshape(changes.shape)
