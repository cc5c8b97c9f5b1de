"""All replicas of one run, trained on L_S + gamma L_A."""

import time
from collections.abc import Callable
from functools import partial

import pandas as pd
import torch

from lossbasins.data.split import Split
from lossbasins.data.tensors import attack_part, train_part
from lossbasins.specs.train import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import new_models, write_solutions
from lossbasins.training.loop import Epoch, train
from lossbasins.training.objective import Problem

SECONDS_BETWEEN_LINES = 5


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Trains one replica after another."""
    split = read_split(inputs.split)
    problem = _problem(spec, split, context.device)
    models = list(new_models(spec.model, split, len(spec.seeds)))
    report = _reporter(spec, context.report)
    history = [
        {"replica": replica, **vars(epoch)}
        for replica, (model, seed) in enumerate(zip(models, spec.seeds, strict=True))
        for epoch in train(model, problem, spec.init, spec.optimizer, seed, partial(report, replica))
    ]
    write_solutions(outputs.solutions, models)
    pd.DataFrame(history).to_csv(outputs.history, index=False)


def _problem(spec: Spec, split: Split, device: str) -> Problem:
    train_set = train_part(split, torch.float32, device)
    if spec.attack is None:
        return Problem(train_set, None, 0.0)
    return Problem(train_set, attack_part(split, spec.attack.size, torch.float32, device), spec.attack.weight)


def _reporter(spec: Spec, report: Callable[[str], None]) -> Callable[[int, Epoch], None]:
    started = last = time.monotonic()

    def line(replica: int, epoch: Epoch) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < SECONDS_BETWEEN_LINES:
            return
        last = now
        done = (replica + epoch.epoch / spec.optimizer.epochs) / len(spec.seeds)
        report(
            f"replica {replica + 1}/{len(spec.seeds)}, epoch {epoch.epoch}/{spec.optimizer.epochs}, "
            f"L_S {epoch.train_loss:.4g}, accuracy {epoch.train_accuracy:.1%}, "
            f"at most {(now - started) * (1 / done - 1):.0f} s left"
        )

    return line
