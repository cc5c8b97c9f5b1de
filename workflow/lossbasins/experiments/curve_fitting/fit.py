"""ReLU networks and polynomial kernels fitted to a few points of a cubic (E1, the paper's Fig. 1).

docs/method.md defines what is measured.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from sklearn.kernel_ridge import KernelRidge
from torch import Tensor, nn

from lossbasins.experiments.curve_fitting.specs import CurveFittingChoices
from lossbasins.models import fnn
from lossbasins.models.initialisation import initialise
from lossbasins.specs.entries import InitSpec
from lossbasins.training.evaluation import Status

Array = npt.NDArray[np.float64]
Family = Literal["network", "attacked network", "kernel"]

NODES = 1001
"""Of the trapezoidal rule over the interval; each kink of a network costs it an error of the order of a step."""


@dataclass(frozen=True, eq=False)
class Points:
    """Where a curve shall go through."""

    x: Array
    """Shape (n,)."""
    y: Array
    """Shape (n,)."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A function of one variable that was fitted to points of a cubic, and what was measured of it."""

    family: Family
    depth: int | None
    """Hidden layers of a network."""
    order: int | None
    """Of a kernel."""
    replica: int | None
    """Start of a network."""
    parameters: int
    """Weights and biases of a network; coefficients of a polynomial of a kernel's order."""
    steps: int | None
    """Of Adam."""
    status: Status
    """`ok`: it interpolates all points that it was fitted to, within the target error."""
    train_loss: float
    """Mean squared error at the points of the cubic."""
    attack_loss: float | None
    """Mean squared error at the wrong values of an attacked network."""
    test_error: float
    """The mean of (f - cubic)^2 over the interval."""
    input_gradient: float
    """E|grad_x f|^2, the mean of f'^2 over the interval."""
    x: Array
    """Shape (NODES,), evenly spaced over the interval."""
    values: Array
    """f(x), of the same shape."""


def cubic(choices: CurveFittingChoices, x: Array) -> Array:
    """Values of the cubic, of the shape of x."""
    values: Array = np.polynomial.Polynomial(choices.cubic)(x)
    return values


def cubic_input_gradient(choices: CurveFittingChoices) -> float:
    """E|grad_x f|^2 of the cubic itself: the exact mean of its squared slope over the interval."""
    integral = (np.polynomial.Polynomial(choices.cubic).deriv() ** 2).integ()
    low, high = choices.interval
    return float((integral(high) - integral(low)) / (high - low))


def nodes(choices: CurveFittingChoices) -> Array:
    """Where curves are measured, shape (NODES,)."""
    return np.linspace(*choices.interval, NODES)


def train_points(choices: CurveFittingChoices) -> Points:
    """The given points of the cubic."""
    x = np.array(choices.points)
    return Points(x, cubic(choices, x))


def attack_points(choices: CurveFittingChoices) -> Points:
    """The wrong values: above and below the cubic in turn, by `attack.shift`."""
    x = np.array(choices.attack.points)
    return Points(x, cubic(choices, x) + choices.attack.shift * (-1.0) ** np.arange(x.size))


def network_curve(choices: CurveFittingChoices, depth: int, replica: int, seed: int, *, attacked: bool) -> Curve:
    """A ReLU network, trained without any regulariser until it interpolates, or as long as it may.

    Args:
        choices: the points, and how to train.
        depth: number of hidden layers.
        replica: number of the start.
        seed: of the initial weights, N(0, 2 / fan_in); biases start at zero.
        attacked: whether it is fitted to the wrong values too, each of which counts as much as a point of the cubic.
    """
    train, attack = train_points(choices), attack_points(choices)
    fitted = Points(np.append(train.x, attack.x), np.append(train.y, attack.y)) if attacked else train
    network = fnn.build(1, 1, 1, 1, hidden=(choices.width,) * depth).double()
    initialise(network, InitSpec(), torch.Generator().manual_seed(seed))
    steps = fit(network, fitted, choices)
    x = nodes(choices)
    values, slopes = network_function(network, x)
    return Curve(
        family="attacked network" if attacked else "network",
        depth=depth,
        order=None,
        replica=replica,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        steps=steps,
        status=_status(network_function(network, fitted.x)[0] - fitted.y, choices.target_error),
        train_loss=_mean_square(network_function(network, train.x)[0] - train.y),
        attack_loss=_mean_square(network_function(network, attack.x)[0] - attack.y) if attacked else None,
        test_error=mean_over(x, (values - cubic(choices, x)) ** 2),
        input_gradient=mean_over(x, slopes**2),
        x=x,
        values=values,
    )


def kernel_curve(choices: CurveFittingChoices, order: int) -> Curve:
    """Kernel ridge regression with the kernel (1 + x x')^p of order p, by scikit-learn."""
    train = train_points(choices)
    kernel = KernelRidge(kernel="polynomial", degree=order, gamma=1.0, coef0=1.0, alpha=choices.ridge)
    kernel.fit(train.x[:, None], train.y)
    errors = kernel.predict(train.x[:, None]) - train.y
    x = nodes(choices)
    values, slopes = kernel_function(kernel, x)
    return Curve(
        family="kernel",
        depth=None,
        order=order,
        replica=None,
        parameters=order + 1,
        steps=None,
        status=_status(errors, choices.target_error),
        train_loss=_mean_square(errors),
        attack_loss=None,
        test_error=mean_over(x, (values - cubic(choices, x)) ** 2),
        input_gradient=mean_over(x, slopes**2),
        x=x,
        values=values,
    )


def fit(network: nn.Module, points: Points, choices: CurveFittingChoices) -> int:
    """Adam over all points at every step, on their mean squared error.

    Args:
        network: changed in place.
        points: what it shall go through.
        choices: learning rate, limit of steps, and the squared error at which to stop.

    Returns:
        The number of steps taken; fewer than the limit if the target was met at every point, or an error is not finite.
    """
    inputs, targets = _column(points.x), _column(points.y)
    optimizer = torch.optim.Adam(network.parameters(), lr=choices.learning_rate)
    for step in range(choices.steps):
        errors = (network(inputs) - targets).square()
        if not choices.target_error < errors.max().item() < math.inf:
            return step
        optimizer.zero_grad()
        errors.mean().backward()
        optimizer.step()
    return choices.steps


def network_function(network: nn.Module, x: Array) -> tuple[Array, Array]:
    """Values and slopes of a network of one input and one output, both of the shape of x (m,)."""
    inputs = _column(x).requires_grad_()
    outputs = network(inputs)
    (slopes,) = torch.autograd.grad(outputs.sum(), inputs)
    return outputs.detach().numpy()[:, 0], slopes.numpy()[:, 0]


def kernel_function(kernel: KernelRidge, x: Array) -> tuple[Array, Array]:
    r"""Values and slopes of a fitted polynomial kernel, both of the shape of x (m,).

    With :math:`f(x) = \sum_i a_i (1 + x x_i)^p`, the slope is :math:`p \sum_i a_i x_i (1 + x x_i)^{p-1}`.
    """
    points, weights = kernel.X_fit_[:, 0], kernel.dual_coef_
    slopes: Array = kernel.degree * (1 + np.outer(x, points)) ** (kernel.degree - 1) @ (weights * points)
    return kernel.predict(x[:, None]), slopes


def mean_over(x: Array, values: Array) -> float:
    """The mean of a function over an interval, by the trapezoidal rule.

    Args:
        x: nodes from one end to the other, ascending, shape (m,).
        values: there, shape (m,).
    """
    return float(np.trapezoid(values, x) / (x[-1] - x[0]))


def _column(x: Array) -> Tensor:
    return torch.from_numpy(x.copy())[:, None]


def _status(errors: Array, target_error: float) -> Status:
    if not np.isfinite(errors).all():
        return "diverged"
    return "ok" if np.square(errors).max() <= target_error else "not_fitted"


def _mean_square(errors: Array) -> float:
    return float(np.square(errors).mean())
