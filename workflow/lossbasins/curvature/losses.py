"""Mean losses, with the derivatives that curvature needs and that stay exact when the loss is tiny."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from typing_extensions import override


class Loss(ABC):
    """A loss that is a mean over samples of a convex function of the model's outputs."""

    name: str

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


class CrossEntropy(Loss):
    """Softmax cross-entropy with class indices as targets, equal to `torch.nn.functional.cross_entropy`.

    All derivatives are formed from the probabilities of other classes. The usual p - 1 of the right class cancels: in
    float32, at a loss of 1e-6, it would leave one digit.
    """

    name = "cross_entropy"

    @override
    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """Outputs (n, classes) with at least two classes, targets (n,) of class indices."""
        if outputs.dim() != 2 or outputs.shape[1] < 2:
            raise ValueError(
                "cross_entropy needs outputs of shape (n, classes) with two classes or more; "
                f"the model gives {tuple(outputs.shape)}"
            )
        if targets.dtype != torch.int64 or targets.shape != outputs.shape[:1]:
            raise TypeError(
                f"cross_entropy needs int64 class indices of shape ({outputs.shape[0]},); "
                f"targets are {targets.dtype} of shape {tuple(targets.shape)}"
            )
        if int(targets.min()) < 0 or int(targets.max()) >= outputs.shape[1]:
            raise ValueError(
                f"targets run from {int(targets.min())} to {int(targets.max())}, "
                f"but the model has {outputs.shape[1]} outputs"
            )

    @override
    def total(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """By margins to the likeliest class y, log(1 + sum over other classes of exp(z_j - z_y)), summed over samples.

        Where a sample is missed, by how much the likeliest class exceeds the right one is added: it is linear. So no
        second derivative is a difference of nearly equal numbers, whether samples are hit or missed by a wide margin.
        """
        likeliest = outputs.argmax(1)
        margins = outputs.gather(1, _others(likeliest, outputs.shape[1])) - outputs.gather(1, likeliest[:, None])
        # Unlike logaddexp, softplus has a second derivative everywhere.
        total = torch.nn.functional.softplus(torch.logsumexp(margins, dim=1), threshold=40).sum()
        missed = likeliest != targets
        if bool(missed.any()):
            excess = outputs.gather(1, likeliest[:, None]) - outputs.gather(1, targets[:, None])
            total = total + excess[missed].sum()
        return total / samples

    @override
    def gradient(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """P - onehot, with the entry of the right class as minus the sum of the others."""
        wrong = torch.softmax(outputs, dim=1).scatter(1, targets[:, None], 0.0)
        return wrong.scatter(1, targets[:, None], -wrong.sum(1, keepdim=True)) / samples

    @override
    def hessian_root(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        r"""Root of diag(p) - p p^T with classes - 1 columns.

        With u = sqrt(p) and y the likeliest class, the columns j != y of the Householder reflector that maps u to -e_y
        are an orthonormal basis of the complement of u, so

        .. math:: R_{ij} = u_i (\delta_{ij} - u_i u_j / (1 + u_y)), \quad R_{yj} = -u_y u_j

        has R R^T = diag(u) (I - u u^T) diag(u), and no entry is a difference of nearly equal numbers.
        """
        n, classes = outputs.shape
        root = torch.softmax(outputs, dim=1).sqrt()
        likeliest = outputs.argmax(1)
        top = root.gather(1, likeliest[:, None])
        others = _others(likeliest, classes)
        columns = root.gather(1, others)
        reflector = -root[:, :, None] * columns[:, None, :] / (1 + top[:, :, None])
        reflector.scatter_add_(1, others[:, None, :], torch.ones_like(columns)[:, None, :])
        reflector.scatter_(1, likeliest[:, None, None].expand(n, 1, classes - 1), -columns[:, None, :])
        scaled: Tensor = (root[:, :, None] * reflector).permute(2, 0, 1) / samples**0.5
        return scaled


class MeanSquaredError(Loss):
    """Mean over samples and outputs of the squared error, equal to `torch.nn.functional.mse_loss`."""

    name = "mse"

    @override
    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """Outputs and targets of one shape and dtype."""
        if targets.dtype != outputs.dtype or targets.shape != outputs.shape:
            raise TypeError(
                f"mse needs targets like the model's outputs, {outputs.dtype} of shape {tuple(outputs.shape)}; "
                f"they are {targets.dtype} of shape {tuple(targets.shape)}"
            )

    @override
    def total(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """Sum of squares over `samples` times the outputs of one sample."""
        return (outputs - targets).square().sum() / (samples * outputs[0].numel())

    @override
    def gradient(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """Twice the scaled error."""
        return (outputs - targets) * (2 / (samples * outputs[0].numel()))

    @override
    def hessian_product(self, outputs: Tensor, targets: Tensor, samples: int, changes: Tensor) -> Tensor:
        """A multiple."""
        return changes * (2 / (samples * outputs[0].numel()))

    @override
    def hessian_root(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """A scaled identity for every sample."""
        size = outputs[0].numel()
        identity = torch.eye(size, dtype=outputs.dtype, device=outputs.device) * (2 / (samples * size)) ** 0.5
        root: Tensor = identity[:, None, :].expand(size, len(outputs), size).reshape(size, *outputs.shape)
        return root


def _others(index: Tensor, classes: int) -> Tensor:
    """All classes but one: (n, classes - 1) from an index of shape (n,)."""
    ladder = torch.arange(classes - 1, device=index.device)[None, :]
    return ladder + (ladder >= index[:, None])


LOSSES: dict[str, Loss] = {loss.name: loss for loss in (CrossEntropy(), MeanSquaredError())}
