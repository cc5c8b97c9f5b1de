"""What a network has reached: losses, accuracies, norms."""

import math
from collections.abc import Iterable, Iterator
from typing import Literal

import torch
from torch import Tensor, nn

from lossbasins.data.tensors import Part

CHUNK = 128
"""Images per forward pass: few enough to stay in a processor's cache."""

Status = Literal["ok", "not_fitted", "diverged"]


def loss_and_accuracy(model: nn.Module, part: Part) -> tuple[float, float]:
    """Mean cross-entropy, and share of images classified right, in eval mode; NaN where the loss is not finite.

    Args:
        model: on the device and of the dtype of the data.
        part: images and labels.
    """
    model.eval()
    loss, right = 0.0, 0
    with torch.no_grad():
        for inputs, labels in chunks(part):
            logits = model(inputs)
            loss += float(nn.functional.cross_entropy(logits, labels, reduction="sum"))
            right += int((logits.argmax(dim=1) == labels).sum())
    accuracy = right / len(part.labels) if math.isfinite(loss) else math.nan
    return loss / len(part.labels), accuracy


def loss_and_gradient(model: nn.Module, part: Part) -> tuple[float, list[Tensor]]:
    """Mean cross-entropy and its gradient in each parameter, in eval mode.

    Args:
        model: on the device and of the dtype of the data.
        part: images and labels.
    """
    model.eval()
    parameters = list(model.parameters())
    loss = 0.0
    gradient = [torch.zeros_like(parameter) for parameter in parameters]
    for inputs, labels in chunks(part):
        with torch.enable_grad():
            value = nn.functional.cross_entropy(model(inputs), labels, reduction="sum")
            pieces = torch.autograd.grad(value / len(part.labels), parameters)
        loss += value.item()
        for total, piece in zip(gradient, pieces, strict=True):
            total += piece
    return loss / len(part.labels), gradient


def euclidean_norm(values: Iterable[Tensor]) -> float:
    """Of all entries of some tensors."""
    return math.sqrt(sum(float(value.detach().square().sum()) for value in values))


def gradient_norm(model: nn.Module, part: Part) -> float:
    """Euclidean norm of the gradient of the mean cross-entropy, in eval mode: |grad L|.

    Args:
        model: on the device and of the dtype of the data.
        part: images and labels.
    """
    return euclidean_norm(loss_and_gradient(model, part)[1])


def weight_norm(model: nn.Module) -> float:
    """Euclidean norm of all parameters: |w|."""
    return euclidean_norm(model.parameters())


def status(train_loss: float, train_accuracy: float) -> Status:
    """Whether a replica fits its training set: every image classified right."""
    if not math.isfinite(train_loss):
        return "diverged"
    return "ok" if train_accuracy == 1 else "not_fitted"


def chunks(part: Part) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and labels, `CHUNK` images at a time."""
    return zip(torch.split(part.inputs, CHUNK), torch.split(part.labels, CHUNK), strict=True)
