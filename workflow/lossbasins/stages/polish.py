"""Every replica of a run, brought to a stated loss or gradient norm of L_S by descending L_S alone."""

from functools import partial
from itertools import islice
from typing import Any

import pandas as pd
import torch

from lossbasins.data.tensors import Part, train_part
from lossbasins.specs.polish import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.checkpoint import Checkpoint
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import Solutions, read_solutions, write_solutions
from lossbasins.training.polish import Iterate, polish


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Polishes one replica after another, going on after those that are saved."""
    split = read_split(inputs.split)
    solutions = read_solutions(inputs.solutions, spec.model, split)
    train = train_part(split, getattr(torch, spec.precision), context.device)
    checkpoint = Checkpoint.of(context)
    done: list[dict[str, Any]] = checkpoint.load() or []
    for replica in islice(context.progress(range(len(solutions)), "replica"), len(done), None):
        done.append(_polished(spec, solutions, replica, train, context))
        checkpoint.save_if_due(lambda: done)
    write_solutions(outputs.solutions, [result["values"] for result in done])
    history = [row for result in done for row in result["history"]]
    pd.DataFrame(history).to_csv(outputs.history, index=False)
    pd.DataFrame([result["polish"] for result in done]).to_csv(outputs.polish, index=False)


def _polished(spec: Spec, solutions: Solutions, replica: int, train: Part, context: Context) -> dict[str, Any]:
    model = solutions.model(replica, getattr(torch, spec.precision), context.device)
    result = polish(model, train, spec, partial(_report, context, replica, len(solutions), spec.limit))
    history = [
        {
            "replica": replica,
            "epoch": iterate.gradients,
            "train_loss": iterate.train_loss,
            "gradient_norm": iterate.gradient_norm,
            "stop": result.status if iterate is result.trace[-1] else None,
        }
        for iterate in result.trace
    ]
    return {
        "values": {name: values.cpu() for name, values in model.float().state_dict().items()},
        "history": history,
        "polish": {
            "replica": replica,
            "polish": result.status,
            "gradients": result.gradients,
            "distance": result.distance,
        },
    }


def _report(context: Context, replica: int, replicas: int, limit: int, iterate: Iterate) -> None:
    line = (
        f"replica {replica + 1}/{replicas}, gradient {iterate.gradients}/{limit}, "
        f"L_S {iterate.train_loss:.4g}, |grad L_S| {iterate.gradient_norm:.4g}"
    )
    context.report(line, (replica + iterate.gradients / limit) / replicas)
