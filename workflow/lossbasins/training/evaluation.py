"""What a network has reached: losses, accuracies, norms."""

import math
from collections.abc import Iterator
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
        for inputs, labels in _chunks(part):
            logits = model(inputs)
            loss += float(nn.functional.cross_entropy(logits, labels, reduction="sum"))
            right += int((logits.argmax(dim=1) == labels).sum())
    accuracy = right / len(part.labels) if math.isfinite(loss) else math.nan
    return loss / len(part.labels), accuracy


def gradient_norm(model: nn.Module, part: Part) -> float:
    """Euclidean norm of the gradient of the mean cross-entropy, in eval mode: |grad L|.

    Args:
        model: on the device and of the dtype of the data.
        part: images and labels.
    """
    model.eval()
    parameters = list(model.parameters())
    total = [torch.zeros_like(parameter) for parameter in parameters]
    for inputs, labels in _chunks(part):
        loss = nn.functional.cross_entropy(model(inputs), labels, reduction="sum") / len(part.labels)
        for sum_, gradient in zip(total, torch.autograd.grad(loss, parameters), strict=True):
            sum_ += gradient
    return math.sqrt(sum(float(gradient.square().sum()) for gradient in total))


def weight_norm(model: nn.Module) -> float:
    """Euclidean norm of all parameters: |w|."""
    return math.sqrt(sum(float(parameter.detach().square().sum()) for parameter in model.parameters()))


def status(train_loss: float, train_accuracy: float) -> Status:
    """Whether a replica fits its training set: every image classified right."""
    if not math.isfinite(train_loss):
        return "diverged"
    return "ok" if train_accuracy == 1 else "not_fitted"


def _chunks(part: Part) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(torch.split(part.inputs, CHUNK), torch.split(part.labels, CHUNK), strict=True)
