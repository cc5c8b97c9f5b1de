"""Losses, accuracies and norms of every replica."""

import math
from itertools import islice

import pandas as pd
import torch
from torch import nn

from lossbasins.data.tensors import Part, attack_part, test_part, train_part
from lossbasins.specs.evaluate import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.checkpoint import Checkpoint
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import read_solutions
from lossbasins.training.evaluation import gradient_norm, loss_and_accuracy, status, weight_norm

Row = dict[str, float | str]


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Evaluates one replica after another, going on after those that are saved."""
    split = read_split(inputs.split)
    solutions = read_solutions(inputs.solutions, spec.model, split)
    last = pd.read_csv(inputs.history).groupby("replica").last()[["epoch", "stop"]]
    dtype = getattr(torch, spec.precision)
    train = train_part(split, dtype, context.device)
    attack = attack_part(split, spec.attack.size, dtype, context.device) if spec.attack else None
    test = test_part(split, dtype, context.device)
    checkpoint = Checkpoint.of(context)
    rows: list[Row] = checkpoint.load() or []
    for replica, epoch, stop in islice(context.progress(last.itertuples(), "replica"), len(rows), None):
        reached = _reached(solutions.model(replica, dtype, context.device), train, attack, test)
        rows.append({"replica": replica, "epochs": int(epoch), "stop": str(stop)} | reached)
        checkpoint.save_if_due(lambda: rows)
    frame = pd.DataFrame(rows)
    frame.insert(1, "status", frame.pop("status"))
    frame["test_images"] = test.labels.numel()
    frame["data"] = split.note
    frame.to_csv(outputs.evaluation, index=False)


def _reached(model: nn.Module, train: Part, attack: Part | None, test: Part) -> Row:
    train_loss, train_accuracy = loss_and_accuracy(model, train)
    attack_loss, attack_accuracy = loss_and_accuracy(model, attack) if attack else (math.nan, math.nan)
    test_loss, test_accuracy = loss_and_accuracy(model, test)
    return {
        "status": status(train_loss, train_accuracy),
        "train_loss": train_loss,
        "train_accuracy": train_accuracy,
        "attack_loss": attack_loss,
        "attack_accuracy": attack_accuracy,
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
        "gradient_norm": gradient_norm(model, train),
        "weight_norm": weight_norm(model),
    }
