"""Softmax cross-entropy, with derivatives that stay exact when the loss is tiny."""

from collections.abc import Iterable

import torch
from torch import Tensor
from typing_extensions import override

from lossbasins.curvature.losses.base import Loss


class CrossEntropy(Loss):
    """Softmax cross-entropy with class indices as targets, equal to `torch.nn.functional.cross_entropy`.

    All derivatives are formed from the probabilities of other classes. The usual p - 1 of the right class cancels: in
    float32, at a loss of 1e-6, it would leave one digit.
    """

    name = "cross_entropy"
    is_likelihood = True

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
        total = normalizers(outputs, likeliest).sum()
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
        """Of diag(p) - p p^T in each sample."""
        root: Tensor = softmax_root(outputs) / samples**0.5
        return root


class WeightedCrossEntropy(CrossEntropy):
    r"""The same with class weights, label smoothing and targets to ignore, equal to `torch.nn.CrossEntropyLoss`.

    With q_c the weight of class c times its share of the smoothed target, and Q the sum of these, a sample's loss is
    :math:`-\sum_c q_c \log p_c`, its gradient Q p - q and its Hessian Q (diag(p) - p p^T). As torch does, the sum over
    samples is divided by the sum of the weights of their classes.

    Args:
        weight: of each class, or None for ones.
        smoothing: share of the target that all classes have in common.
        ignored: a target that counts for nothing.
        mean: of the weights over all samples, as `settled` finds it.
    """

    def __init__(
        self, weight: Tensor | None = None, smoothing: float = 0.0, ignored: int = -100, mean: float = 1.0
    ) -> None:
        if weight is not None and (weight.dim() != 1 or not bool((weight >= 0).all())):
            raise ValueError("the class weights of CrossEntropyLoss must be one number for each class, none negative")
        self._weight, self._smoothing, self._ignored, self._mean = weight, smoothing, ignored, mean
        self.is_likelihood = weight is None and smoothing == 0 and mean == 1

    @override
    def settled(self, targets: Iterable[Tensor]) -> "WeightedCrossEntropy":
        """The mean weight of all targets."""
        weights, count = 0.0, 0
        for some in targets:
            counted = some[some != self._ignored]
            count += len(some)
            if self._weight is None:
                weights += len(counted)
            elif some.dtype != torch.int64 or not bool(((counted >= 0) & (counted < len(self._weight))).all()):
                return self  # `check` will say what is wrong
            else:
                weights += float(self._weight.to(some.device)[counted].double().sum())
        if not weights > 0:
            raise ValueError("no target of CrossEntropyLoss counts: all are ignored or have a weight of zero")
        return WeightedCrossEntropy(self._weight, self._smoothing, self._ignored, weights / count)

    @override
    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """As above, but for targets that are ignored, and as many weights as classes."""
        super().check(outputs, targets.masked_fill(targets == self._ignored, 0))
        if self._weight is not None and len(self._weight) != outputs.shape[1]:
            raise ValueError(f"CrossEntropyLoss has {len(self._weight)} weights, the model {outputs.shape[1]} outputs")

    @override
    def total(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """As above; what the likeliest class exceeds the others by is linear."""
        likeliest, shares = outputs.argmax(1), self._shares(outputs, targets)
        excess = outputs.gather(1, likeliest[:, None]) - outputs
        total = (shares.sum(1) * normalizers(outputs, likeliest)).sum() + (shares * excess)[shares > 0].sum()
        return total / (samples * self._mean)

    @override
    def gradient(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """Q p - q, with the entry of the right class as minus the sum of the others."""
        shares = self._shares(outputs, targets)
        right = self._counted(targets)[:, None]
        wrong = (shares.sum(1, keepdim=True) * torch.softmax(outputs, dim=1) - shares).scatter(1, right, 0.0)
        return wrong.scatter(1, right, -wrong.sum(1, keepdim=True)) / (samples * self._mean)

    @override
    def hessian_root(self, outputs: Tensor, targets: Tensor, samples: int) -> Tensor:
        """That of Q (diag(p) - p p^T)."""
        scale = self._shares(outputs, targets).sum(1) / (samples * self._mean)
        return softmax_root(outputs) * scale.sqrt()[:, None]

    def _shares(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Q of each sample and class (n, classes)."""
        weight = outputs.new_ones(outputs.shape[1]) if self._weight is None else self._weight.to(outputs)
        shares = (self._smoothing / len(weight) * weight).repeat(len(outputs), 1)
        right = self._counted(targets)
        shares.scatter_add_(1, right[:, None], (1 - self._smoothing) * weight[right][:, None])
        return shares * (targets != self._ignored)[:, None]

    def _counted(self, targets: Tensor) -> Tensor:
        return targets.masked_fill(targets == self._ignored, 0)


def normalizers(outputs: Tensor, likeliest: Tensor) -> Tensor:
    """Log sum exp of the outputs (n, classes) less that of the likeliest class, shape (n,), in margins."""
    margins = outputs.gather(1, _others(likeliest, outputs.shape[1])) - outputs.gather(1, likeliest[:, None])
    # Unlike logaddexp, softplus has a second derivative everywhere.
    excess: Tensor = torch.nn.functional.softplus(torch.logsumexp(margins, dim=1), threshold=40)
    return excess


def softmax_root(outputs: Tensor) -> Tensor:
    r"""Root R (classes - 1, n, classes) of diag(p) - p p^T, with p the softmax of outputs (n, classes).

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
    columns_first: Tensor = (root[:, :, None] * reflector).permute(2, 0, 1)
    return columns_first


def _others(index: Tensor, classes: int) -> Tensor:
    """All classes but one: (n, classes - 1) from an index of shape (n,)."""
    ladder = torch.arange(classes - 1, device=index.device)[None, :]
    return ladder + (ladder >= index[:, None])
