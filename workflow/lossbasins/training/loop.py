"""Training one replica until it fits, diverges, or has used up its epochs."""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from lossbasins.models.initialisation import initialise
from lossbasins.specs.entries import InitSpec, OptimizerSpec
from lossbasins.specs.modules import METHOD, module_name
from lossbasins.training.evaluation import loss_and_accuracy
from lossbasins.training.objective import Batch, Problem, batches


@dataclass(frozen=True)
class Epoch:
    """Mean losses and shares of images classified right, over the batches of an epoch, each before its step."""

    epoch: int
    """From 1."""
    train_loss: float
    train_accuracy: float
    attack_loss: float
    """NaN without attack."""
    attack_accuracy: float
    learning_rate: float
    """Of that epoch."""


def train(
    model: nn.Module,
    problem: Problem,
    init: InitSpec,
    optimizer: OptimizerSpec,
    seed: int,
    report: Callable[[Epoch], None],
) -> list[Epoch]:
    """Initialises and trains a model in place, on the device of the data.

    It stops once every training image is classified right and the mean training loss is at most the optimizer's
    target, in `patience` epochs on end and in the network as it then is; when the training loss is no longer finite; or
    at the epoch limit.

    Args:
        model: of any initialisation, on the CPU.
        problem: the data, in the model's dtype.
        init: how weights are drawn.
        optimizer: method, learning rate, batch, schedule and stop.
        seed: of this replica; initialisation and the order of each set draw from streams of their own.
        report: called after every epoch.

    Returns:
        Every epoch.
    """
    streams = np.random.SeedSequence(seed).spawn(3)
    initial, train_order, attack_order = (_generator(stream) for stream in streams)
    initialise(model, init, initial)
    # Channels last in memory: pooling and convolution are quicker so.
    model.to(device=problem.train.inputs.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    method = importlib.import_module(module_name(METHOD, optimizer.method))
    descent = method.build(model.parameters(), optimizer.learning_rate, **optimizer.options)
    schedule = _schedule(descent, optimizer)
    count = len(problem.train.labels)
    epochs: list[Epoch] = []
    fitted = 0
    size = count if optimizer.batch == "full" else optimizer.batch
    for number, steps in enumerate(batches(problem, size, train_order, attack_order), start=1):
        epochs.append(_epoch(model, steps, descent, number))
        report(epochs[-1])
        schedule.step()
        fitted = fitted + 1 if _fits(epochs[-1].train_loss, epochs[-1].train_accuracy, optimizer) else 0
        if number == optimizer.epochs or not math.isfinite(epochs[-1].train_loss):
            return epochs
        if fitted >= optimizer.patience and _fits(*loss_and_accuracy(model, problem.train), optimizer):
            return epochs
    raise AssertionError("epochs of batches are endless")


def _generator(stream: np.random.SeedSequence) -> torch.Generator:
    return torch.Generator().manual_seed(int(stream.generate_state(1, np.uint64)[0]))


def _schedule(descent: torch.optim.Optimizer, optimizer: OptimizerSpec) -> torch.optim.lr_scheduler.LRScheduler:
    if optimizer.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(descent, T_max=optimizer.epochs)
    return torch.optim.lr_scheduler.ConstantLR(descent, factor=1)


def _epoch(model: nn.Module, steps: list[Batch], descent: torch.optim.Optimizer, number: int) -> Epoch:
    learning_rate = float(descent.param_groups[0]["lr"])
    model.train()
    # Sums of loss, right answers and images, of the training set and of the attack set; one transfer at the end.
    totals = torch.zeros(2, 3, dtype=torch.float64, device=steps[0].inputs.device)
    for batch in steps:
        descent.zero_grad()
        logits = model(batch.inputs)
        losses = nn.functional.cross_entropy(logits, batch.labels, reduction="none")
        torch.dot(losses, batch.weights).backward()  # type: ignore[no-untyped-call]
        descent.step()
        seen = torch.stack(
            [losses.detach(), (logits.argmax(dim=1) == batch.labels).to(losses), torch.ones_like(losses)]
        )
        totals[0] += seen[:, : batch.trained].sum(dim=1)
        totals[1] += seen[:, batch.trained :].sum(dim=1)
    losses, right, images = totals.T.cpu()
    (train_loss, attack_loss), (train_accuracy, attack_accuracy) = (losses / images).tolist(), (right / images).tolist()
    return Epoch(number, train_loss, train_accuracy, attack_loss, attack_accuracy, learning_rate)


def _fits(train_loss: float, train_accuracy: float, optimizer: OptimizerSpec) -> bool:
    return train_accuracy == 1 and train_loss <= optimizer.target_loss
