"""Descent of L_S alone from a solution to a stated loss or gradient norm, over all images at every step."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

from lossbasins.data.tensors import Part
from lossbasins.specs.polish import PolishChoices, Target
from lossbasins.training.evaluation import euclidean_norm, loss_and_accuracy, loss_and_gradient
from lossbasins.training.optimizers import lbfgs, momentum

Status = Literal["reached", "not_reached", "below_target", "diverged"]

TOLERANCE = 1e-3
"""Share of a target loss by which L_S may fall short of it."""
HALVINGS = 60
"""Of the way between two iterates: more than the digits of float64."""


class Iterate(NamedTuple):
    """One point of a descent."""

    gradients: int
    """Evaluated so far."""
    train_loss: float
    """L_S."""
    gradient_norm: float
    """|grad L_S|."""


@dataclass(frozen=True)
class Polished:
    """How a descent went."""

    status: Status
    """`reached`; `not_reached` within the limit or before the line search got stuck; `below_target` at the start
    already; or `diverged`, where L_S or its gradient is not finite."""
    gradients: int
    """Evaluated in all."""
    distance: float
    """Euclidean distance of the parameters from the start."""
    trace: list[Iterate]
    """The start and all iterates; one that was left again may be the last."""


def polish(
    model: nn.Module, part: Part, choices: PolishChoices, report: Callable[[Iterate], None] = lambda _: None
) -> Polished:
    """Moves a model down the mean cross-entropy L_S, in eval mode, until the target is met.

    A target loss is landed on: L_S ends at most `TOLERANCE` of it below. A descent that does not meet its target ends
    at its best iterate, one that diverges where it started.

    Args:
        model: on the device and of the dtype of the data; its parameters are changed, its buffers are not.
        part: the training set.
        choices: target, method, learning rate and limit.
        report: called with each iterate.
    """
    model.eval()
    objective = _Objective(model, part, choices.limit)
    start = objective.position()
    trace = [objective.iterate()]
    if not _finite(trace[0]):
        status: Status = "diverged"
    elif _excess(trace[0], choices.target) <= 0:
        status = "below_target"
    else:
        status = _descend(objective, choices, trace, report)
    distance = float((objective.position() - start).norm())
    return Polished(status, objective.gradients, distance, trace)


class _LimitReached(Exception):
    """No gradient is left to spend."""


class _Objective:
    """L_S and its gradient, as the closure that torch's optimizers take."""

    def __init__(self, model: nn.Module, part: Part, limit: int) -> None:
        self.parameters = list(model.parameters())
        self.gradients = 0
        self._model = model
        self._part = part
        self._limit = limit
        self._evaluated: Tensor | None = None
        self._loss = math.nan

    def __call__(self) -> float:
        """L_S; its gradient lies in the parameters. Costs nothing where they have not moved since the last call."""
        position = self.position()
        if self._evaluated is None or not torch.equal(position, self._evaluated):
            if self.gradients == self._limit:
                raise _LimitReached
            self._loss, gradient = loss_and_gradient(self._model, self._part)
            for values, derivative in zip(self.parameters, gradient, strict=True):
                values.grad = derivative
            self._evaluated = position
            self.gradients += 1
        return self._loss

    def iterate(self) -> Iterate:
        """Where the descent is."""
        loss = self()
        gradient = (values.grad for values in self.parameters if values.grad is not None)
        return Iterate(self.gradients, loss, euclidean_norm(gradient))

    def loss(self) -> float:
        """L_S, by forward passes only."""
        return loss_and_accuracy(self._model, self._part)[0]

    def position(self) -> Tensor:
        """A copy of all parameters as one vector."""
        return parameters_to_vector(self.parameters).detach()

    def move(self, position: Tensor) -> None:
        """Goes there."""
        pieces = torch.split(position, [values.numel() for values in self.parameters])
        with torch.no_grad():
            for values, piece in zip(self.parameters, pieces, strict=True):
                values.copy_(piece.view_as(values))


def _descend(
    objective: _Objective, choices: PolishChoices, trace: list[Iterate], report: Callable[[Iterate], None]
) -> Status:
    """Moves the objective and adds to the trace."""
    start = last = best = objective.position()
    lowest = _excess(trace[0], choices.target)
    iterations = {"lbfgs": _lbfgs, "momentum": _momentum}[choices.method]
    try:
        for _ in iterations(objective, choices.learning_rate):
            trace.append(objective.iterate())
            report(trace[-1])
            if not _finite(trace[-1]):
                objective.move(start)
                return "diverged"
            excess = _excess(trace[-1], choices.target)
            if excess <= 0:
                if choices.target.loss is not None:
                    _land(objective, last, choices.target.loss)
                return "reached"
            last = objective.position()
            if excess < lowest:
                lowest, best = excess, last
    except _LimitReached:
        pass
    objective.move(best)
    return "not_reached"


def _lbfgs(objective: _Objective, learning_rate: float) -> Iterator[None]:
    """Line searches; ends where not even one along the gradient itself lowers L_S."""
    stuck = False
    method = _new_lbfgs(objective, learning_rate)
    while True:
        before = objective()
        method.step(objective)
        if objective() >= before:
            if stuck:
                return
            stuck, method = True, _new_lbfgs(objective, learning_rate)
        else:
            stuck = False
            yield


def _new_lbfgs(objective: _Objective, learning_rate: float) -> torch.optim.Optimizer:
    return lbfgs.build(objective.parameters, learning_rate, gradient_tolerance=0, change_tolerance=0)


def _momentum(objective: _Objective, learning_rate: float) -> Iterator[None]:
    method = momentum.build(objective.parameters, learning_rate, momentum=0.9)
    while True:
        method.step(objective)
        yield


def _land(objective: _Objective, above: Tensor, target: float) -> None:
    """Bisects the way from a position with L_S above the target to the present one, which is at or below it."""
    below, loss = objective.position(), objective()
    for _ in range(HALVINGS):
        if loss >= (1 - TOLERANCE) * target:
            break
        middle = (above + below) / 2
        objective.move(middle)
        value = objective.loss()
        if value <= target:
            below, loss = middle, value
        else:
            above = middle
    objective.move(below)


def _excess(iterate: Iterate, target: Target) -> float:
    """What is still above the target."""
    if target.loss is not None:
        return iterate.train_loss - target.loss
    assert target.gradient_norm is not None
    return iterate.gradient_norm - target.gradient_norm


def _finite(iterate: Iterate) -> bool:
    return math.isfinite(iterate.train_loss) and math.isfinite(iterate.gradient_norm)
