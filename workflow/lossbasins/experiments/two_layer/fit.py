"""Training of two-layer networks on L_S + gamma L_A with squared errors, over all points at every step."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from lossbasins.data.parity import Points
from lossbasins.experiments.two_layer.specs import ActivationName
from lossbasins.experiments.two_layer.theorem import TwoLayerNet
from lossbasins.models.initialisation import initialise
from lossbasins.specs.entries import InitSpec
from lossbasins.training.evaluation import Status, euclidean_norm
from lossbasins.training.optimizers import lbfgs

HISTORY = 50
"""Pairs that L-BFGS keeps: so few parameters make them cheap."""


class Attack(NamedTuple):
    """Points with wrong targets, and gamma."""

    points: Points
    weight: float


def new_net(features: int, width: int, activation: ActivationName, seed: int) -> TwoLayerNet:
    """A network to start from: He's normal weights, biases zero; the same draws for every activation."""
    net = TwoLayerNet(features, width, activation)
    initialise(net, InitSpec(), torch.Generator().manual_seed(seed))
    return net


def half_square(net: TwoLayerNet, points: Points) -> Tensor:
    """L = 1/(2n) sum (f - y)^2: a scalar."""
    errors: Tensor = net(points.inputs) - points.targets
    return errors.square().mean() / 2


def fit(net: TwoLayerNet, train: Points, attack: Attack | None, target_loss: float, steps: int) -> Status:
    """Minimises L_S + gamma L_A by L-BFGS until it is at most `target_loss`.

    Args:
        net: changed in place.
        train: the training set.
        attack: what spoils the solution, or nothing.
        target_loss: where to stop.
        steps: line searches at most.

    Returns:
        `ok` if the target was reached; `not_fitted` if not, or if no line search lowers the loss any more;
        `diverged` if the loss is not finite.
    """
    parameters = list(net.parameters())
    optimizer = lbfgs.build(parameters, learning_rate=1.0, history=HISTORY, gradient_tolerance=0, change_tolerance=0)

    def objective() -> float:
        """The loss; its gradient lies in the parameters."""
        loss = half_square(net, train)
        if attack is not None:
            loss = loss + attack.weight * half_square(net, attack.points)
        for values, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            values.grad = gradient
        return loss.item()

    before = math.inf
    for _ in range(steps):
        loss = optimizer.step(objective)  # that before the step
        if not target_loss < loss < before:
            break
        before = loss
    loss = objective()
    if not math.isfinite(loss):
        return "diverged"
    return "ok" if loss <= target_loss else "not_fitted"


def accuracy(net: TwoLayerNet, points: Points) -> float:
    """Share of points whose output has the sign of the target."""
    with torch.no_grad():
        return float((net(points.inputs).sign() == points.targets).double().mean())


def gradient_norm(net: TwoLayerNet, points: Points) -> float:
    """|grad L| in the parameters."""
    return euclidean_norm(torch.autograd.grad(half_square(net, points), list(net.parameters())))
