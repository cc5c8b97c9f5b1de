r"""Kicks and descents: whether a solution comes back (basin stability, Menck et al. 2013, Nature Physics 9:89).

The share of random perturbations from which a dynamics returns estimates how much of their region belongs to the basin
of attraction, without a Hessian and far beyond where one holds. Here the dynamics is a descent of the training loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lossbasins.data.tensors import Part
from lossbasins.experiments.basin_stability.kick_specs import Kind
from lossbasins.specs.polish import PolishChoices
from lossbasins.training.evaluation import chunks, loss_and_accuracy
from lossbasins.training.polish import polish


@dataclass(frozen=True)
class Kicked:
    """One kick, and what became of it."""

    length: float
    """Euclidean, in units of the parameters."""
    kicked_loss: float
    """L_S after the kick."""
    kicked_train_accuracy: float
    kicked_test_accuracy: float
    descent: str
    """A status of `lossbasins.training.polish`."""
    gradients: int
    """That the descent took."""
    train_loss: float
    """L_S at its end."""
    train_accuracy: float
    test_accuracy: float
    agreement: float
    """Share of test images that are classified as before the kick, right or wrong."""
    distance: float
    """Euclidean, from where it was kicked."""
    test_images: int


def random_kick(parameters: Sequence[Tensor], kind: Kind, radius: float, rng: np.random.Generator) -> list[Tensor]:
    r"""A random perturbation of length :math:`\rho |w|`.

    `whole` is :math:`\rho |w| u`, with u uniform on the sphere of all parameters. `layers` is :math:`\rho |w_t| u_t`
    in each tensor t of weights or biases, with u_t uniform on its own sphere: where layers of a ReLU network are
    rescaled so that it computes the same function, such a kick is rescaled with them. Both have the same length.

    Args:
        parameters: w, tensor by tensor.
        kind: which of the two.
        radius: rho.
        rng: of the directions; draws the same number of values for both kinds.

    Returns:
        One tensor for each parameter, of its shape, dtype and device.
    """
    directions = [torch.from_numpy(rng.standard_normal(tuple(values.shape))).to(values) for values in parameters]
    if kind == "layers":
        return [_of_length(radius * values.norm(), [u])[0] for values, u in zip(parameters, directions, strict=True)]
    length = torch.stack([values.norm() for values in parameters]).norm()
    return _of_length(radius * length, directions)


def classes(model: nn.Module, part: Part) -> Tensor:
    """The class that a model gives each image, in eval mode: shape (n,).

    Args:
        model: on the device and of the dtype of the data.
        part: images.
    """
    model.eval()
    with torch.no_grad():
        return torch.cat([model(inputs).argmax(dim=1) for inputs, _ in chunks(part)])


def kicked(
    model: nn.Module,
    train: Part,
    test: Part,
    kind: Kind,
    radius: float,
    rng: np.random.Generator,
    descent: PolishChoices,
    before: Tensor,
) -> Kicked:
    """Kicks a model and lets it descend L_S alone, which changes its parameters.

    Args:
        model: a solution, on the device and of the dtype of the data.
        train: the training set.
        test: the test set.
        kind: of the kick.
        radius: its length as a share of |w|.
        rng: of its direction.
        descent: how, and how far.
        before: the solution's `classes` on the test set.
    """
    parameters = list(model.parameters())
    start = [values.detach().clone() for values in parameters]
    with torch.no_grad():
        for values, move in zip(parameters, random_kick(start, kind, radius, rng), strict=True):
            values.add_(move)
    length = _distance(parameters, start)
    kicked_loss, kicked_train_accuracy = loss_and_accuracy(model, train)
    kicked_test_accuracy = _share(classes(model, test) == test.labels)
    descended = polish(model, train, descent)
    after = classes(model, test)
    train_loss, train_accuracy = loss_and_accuracy(model, train)
    return Kicked(
        length=length,
        kicked_loss=kicked_loss,
        kicked_train_accuracy=kicked_train_accuracy,
        kicked_test_accuracy=kicked_test_accuracy,
        descent=descended.status,
        gradients=descended.gradients,
        train_loss=train_loss,
        train_accuracy=train_accuracy,
        test_accuracy=_share(after == test.labels),
        agreement=_share(after == before),
        distance=_distance(parameters, start),
        test_images=len(test.labels),
    )


def _of_length(length: Tensor, directions: Sequence[Tensor]) -> list[Tensor]:
    norm = torch.stack([values.norm() for values in directions]).norm()
    return [values * (length / norm) for values in directions]


def _distance(parameters: Sequence[Tensor], start: Sequence[Tensor]) -> float:
    moved = [(values.detach() - before).norm() for values, before in zip(parameters, start, strict=True)]
    return float(torch.stack(moved).norm())


def _share(right: Tensor) -> float:
    return int(right.sum()) / len(right)
