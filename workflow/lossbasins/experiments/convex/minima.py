r"""Models that are linear in their parameters: the Hessian at good and at bad minima (E7, the paper's Appendix B).

With :math:`f(x) = \langle w, \phi(x) \rangle` and a loss l of the margin m = y f(x), for targets y of +1 and -1,

.. math:: \nabla^2 L_S(w) = \frac{1}{n} \sum_i l''(m_i) \, \phi(x_i) \phi(x_i)^T.

The square loss has l'' = 2 everywhere, so that all minima share one Hessian. The squared hinge has l'' = 2 below the
margin m = 1 and 0 above: which samples are below decides, and at m = 1 there is no second derivative. docs/method.md
says what is compared instead, and what of the paper's statement then holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.linalg
import scipy.optimize
import torch
from sklearn.preprocessing import PolynomialFeatures
from torch import Tensor

from lossbasins.curvature.spectrum import matrix_spectrum

Array = npt.NDArray[np.float64]
Features = Callable[[Array], Array]
"""From inputs (n, d) to features (n, P)."""
Loss = Callable[[Tensor], Tensor]
"""From margins (n,) to their mean loss, a scalar."""
Kind = Literal["ReLU features", "cosine features", "polynomial"]
Pair = Literal["square loss", "squared hinge from below", "squared hinge from above", "squared hinge, largest margin"]

STEP = 1e-6
"""By this share of w a minimum of the squared hinge is moved off the margin."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Features and targets."""

    features: Array
    """Shape (n, P)."""
    targets: Array
    """+1 or -1, shape (n,)."""

    @property
    def signed(self) -> Array:
        """Features times targets, (n, P): times w they are the margins."""
        return self.features * self.targets[:, None]


@dataclass(frozen=True, eq=False)
class Minimum:
    """What was measured at one minimum of L_S."""

    train_loss: float
    test_error: float
    """Share of the test samples on the wrong side."""
    curving: int
    """Training samples that add to the Hessian, those with l'' > 0."""
    weight_norm: float
    eigenvalues: Array
    """Of the Hessian of L_S, shape (P,), ascending."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A good and a bad minimum of one L_S."""

    pair: Pair
    good: Minimum
    """Of the training samples alone."""
    bad: Minimum
    """Of those and the attack samples."""

    @property
    def difference(self) -> float:
        """The largest difference of two eigenvalues of the same rank."""
        return float(np.abs(self.good.eigenvalues - self.bad.eigenvalues).max())


class Case(NamedTuple):
    """How a pair of minima is made, and where their Hessians are taken."""

    loss: Loss
    solve: Callable[[Samples], Array]
    """From samples to w (P,)."""
    scale: float
    """The Hessian is that at this multiple of w."""


def features_of(kind: Kind, inputs: int, count: int, degree: int, seed: int) -> Features:
    """A map from inputs to features, of which a model takes a weighted sum.

    Args:
        kind: random features max(0, v.x + b) or cos(v.x + b), the latter those of Rahimi and Recht, or all monomials.
            v has entries N(0, 1 / inputs); b is N(0, 1), or uniform over a period of the cosine.
        inputs: number d of inputs.
        count: number P of random features, which are divided by its root.
        degree: highest of the monomials.
        seed: of the random features.
    """
    if kind == "polynomial":
        monomials: Features = PolynomialFeatures(degree).fit_transform
        return monomials
    generator = np.random.default_rng(seed)
    directions = generator.normal(scale=inputs**-0.5, size=(inputs, count))
    if kind == "ReLU features":
        offsets = generator.normal(size=count)
        return lambda points: np.maximum(points @ directions + offsets, 0) / np.sqrt(count)
    offsets = generator.uniform(0, 2 * np.pi, count)
    return lambda points: np.cos(points @ directions + offsets) / np.sqrt(count)


def minimum_norm(samples: Samples) -> Array:
    """The shortest w (P,) that gives every sample its target, so that all margins are 1, by SciPy's `lstsq`."""
    weights: Array = scipy.linalg.lstsq(samples.features, samples.targets)[0]
    return weights


def largest_margin(samples: Samples) -> Array:
    r"""The shortest w (P,) with all margins at least 1: the hard-margin support vector machine.

    Its dual is :math:`\min_{a \ge 0} \frac12 a^T K a - \sum_i a_i`, with :math:`w = \sum_i a_i y_i \phi_i` and K the
    products of the signed features. With K = L L^T it is the nonnegative least squares problem
    :math:`\min |L^T a - L^{-1} 1|`, which SciPy's `nnls` solves exactly by an active set.

    Args:
        samples: with linearly independent features.
    """
    signed = samples.signed
    root = np.linalg.cholesky(signed @ signed.T)
    right = scipy.linalg.solve_triangular(root, np.ones(len(signed)), lower=True)
    multipliers, _ = scipy.optimize.nnls(root.T, right)
    weights: Array = signed.T @ multipliers
    return weights


def square_loss(margins: Tensor) -> Tensor:
    """The mean of (1 - m)^2 over margins m = y f: the mean of (f - y)^2, for targets of +1 and -1."""
    return (1 - margins).square().mean()


def squared_hinge(margins: Tensor) -> Tensor:
    """The mean of max(0, 1 - m)^2 over margins m = y f."""
    return (1 - margins).clamp(min=0).square().mean()


CASES: dict[Pair, Case] = {
    "square loss": Case(square_loss, minimum_norm, 1.0),
    "squared hinge from below": Case(squared_hinge, minimum_norm, 1 - STEP),
    "squared hinge from above": Case(squared_hinge, minimum_norm, 1 + STEP),
    "squared hinge, largest margin": Case(squared_hinge, largest_margin, 1 - STEP),
}


def compare(train: Samples, attack: Samples, test: Samples) -> list[Comparison]:
    """Good minima, of the training samples, and bad ones, of those and the attack samples; one pair for each case.

    Args:
        train: samples of L_S.
        attack: samples with wrong targets.
        test: samples that tell good from bad.

    Raises:
        ValueError: the features cannot fit all targets of training and attack samples.
    """
    both = Samples(np.concatenate([train.features, attack.features]), np.concatenate([train.targets, attack.targets]))
    rank = int(np.linalg.matrix_rank(both.features))
    if rank < len(both.targets):
        raise ValueError(
            f"train + attack: {len(both.targets)} images, but the features have rank {rank} and fit no more; "
            "give fewer images, or more features, pixels or degrees"
        )
    return [
        Comparison(pair, *(measure(case, case.solve(samples), train, test) for samples in (train, both)))
        for pair, case in CASES.items()
    ]


def measure(case: Case, weights: Array, train: Samples, test: Samples) -> Minimum:
    """Loss, error and curvature of a model.

    Args:
        case: the loss, and where to take the Hessian.
        weights: w, shape (P,).
        train: samples of L_S.
        test: samples that measure good and bad.
    """
    margins, point = torch.from_numpy(train.signed @ weights), case.scale * weights
    return Minimum(
        train_loss=float(case.loss(margins)),
        test_error=float(np.mean(test.signed @ weights <= 0)),
        curving=int(np.count_nonzero(second_derivatives(case.loss, train.signed @ point))),
        weight_norm=float(np.linalg.norm(weights)),
        eigenvalues=matrix_spectrum(hessian(case.loss, train.signed, point)).eigenvalues,
    )


def hessian(loss: Loss, signed: Array, weights: Array) -> Tensor:
    """The Hessian of L_S in w, (P, P): its gradient at w differentiated automatically, with no formula of ours.

    Args:
        loss: of the margins.
        signed: features times targets, shape (n, P).
        weights: w, shape (P,).
    """
    features, point = torch.from_numpy(signed), torch.from_numpy(weights).requires_grad_()
    (gradient,) = torch.autograd.grad(loss(features @ point), point, create_graph=True)
    directions = torch.eye(point.numel(), dtype=point.dtype)
    (rows,) = torch.autograd.grad(gradient, point, directions, is_grads_batched=True)
    return (rows + rows.T) / 2


def second_derivatives(loss: Loss, margins: Array) -> Array:
    """The second derivative of the mean loss in each margin, shape (n,); mixed ones are zero."""
    point = torch.from_numpy(margins).requires_grad_()
    (gradient,) = torch.autograd.grad(loss(point), point, create_graph=True)
    (seconds,) = torch.autograd.grad(gradient.sum(), point)
    return seconds.numpy()
