"""All replicas of one run, trained on random labels first, and from there on the true ones."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import torch

from lossbasins.data.random_labels import with_random_labels
from lossbasins.data.split import Split
from lossbasins.data.tensors import train_part
from lossbasins.models.initialisation import left_to_model
from lossbasins.models.registry import stack
from lossbasins.specs.memorise import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.checkpoint import Checkpoint
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import new_model, write_solutions
from lossbasins.training.loop import Epoch, Replica, Training, start_training
from lossbasins.training.objective import Problem

RANDOM, TRUE = "random", "true"
"""Labels, in the order in which they are learnt."""
Result = dict[str, Any]
"""Of a training: its `history`, and the parameters of the replica in `finished`."""


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Trains one replica after another on one kind of labels after the other, going on from a saved state."""
    split = read_split(inputs.split)
    shown = {RANDOM: with_random_labels(split, spec.random_labels.copies, spec.label_seed), TRUE: split}
    problems = {
        labels: Problem(train_part(images, torch.float32, context.device), None, 0.0)
        for labels, images in shown.items()
    }
    context.left_to_model.extend(left_to_model(new_model(spec.model, split, spec.seeds[0]), spec.init))
    checkpoint = Checkpoint.of(context)
    saved = checkpoint.load() or {"done": [], "state": None}
    done, state = saved["done"], saved["state"]
    tasks = list(product(range(len(spec.seeds)), problems))
    for number in range(len(done), len(tasks)):
        replica, labels = tasks[number]
        training = _start(spec, split, problems, replica, labels, done)
        if state is not None:
            training.restore(state)
            state = None
        while training.live:
            training.advance()
            context.report(*_progress(spec, training.history[-1], labels, number, len(tasks)))
            checkpoint.save_if_due(partial(_state, done, training))
        done.append(training.result())
    write_solutions(outputs.solutions, [result["finished"][replica] for replica, result in enumerate(done[1::2])])
    pd.DataFrame(_history(done)).to_csv(outputs.history, index=False)


def _start(
    spec: Spec, split: Split, problems: dict[str, Problem], replica: int, labels: str, done: Sequence[Result]
) -> Training:
    seed, optimizer = spec.seeds[replica], spec.optimizer
    if labels == RANDOM:
        # Learnt once all are right, at whatever loss; drawn from streams of their own.
        seed = int(np.random.SeedSequence([seed, 1]).generate_state(1)[0])
        optimizer = optimizer.model_copy(update={"target_loss": math.inf})
    started = {replica: Replica(new_model(spec.model, split, seed), spec.init, seed)}
    training = start_training(started, problems[labels], optimizer, route="single")
    if labels == TRUE:
        training.restore(training.state() | {"networks": stack([done[-1]["finished"][replica]])})
    return training


def _state(done: Sequence[Result], training: Training) -> Result:
    return {"done": done, "state": training.state()}


def _history(done: Sequence[Result]) -> Iterator[dict[str, Any]]:
    """All epochs, those on random labels ending at 0."""
    for number, result in enumerate(done):
        epochs = [Epoch(*epoch) for epoch in result["history"]]
        before = epochs[-1].epoch if number % 2 == 0 else 0
        yield from (asdict(epoch) | {"epoch": epoch.epoch - before} for epoch in epochs)


def _progress(spec: Spec, epoch: Epoch, labels: str, number: int, tasks: int) -> tuple[str, float]:
    """The epoch in words, and the least share of all epochs that is done."""
    line = (
        f"replica {epoch.replica + 1}/{len(spec.seeds)}, {labels} labels, epoch {epoch.epoch}/{spec.optimizer.epochs}, "
        f"L_S {epoch.train_loss:.4g}, accuracy {epoch.train_accuracy:.1%}"
    )
    return line, (number + epoch.epoch / spec.optimizer.epochs) / tasks
