"""All replicas of one run, trained on L_S + gamma L_A."""

from dataclasses import asdict
from functools import partial
from typing import Any

import pandas as pd
import torch

from lossbasins.data.split import Split
from lossbasins.data.tensors import attack_part, train_part
from lossbasins.specs.train import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.checkpoint import Checkpoint
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import new_models, write_solutions
from lossbasins.training.loop import Epoch, Training, start_training
from lossbasins.training.objective import Problem
from lossbasins.training.plan import plan_training


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Trains one block of replicas after another, going on from a saved state."""
    split = read_split(inputs.split)
    problem = _problem(spec, split, context.device)
    models = list(new_models(spec.model, split, len(spec.seeds)))
    plan = plan_training(models[0], len(models), problem, spec.optimizer)
    checkpoint = Checkpoint.of(context, f"{plan}")
    saved = checkpoint.load() or {"done": [], "current": None}
    done, current = saved["done"], saved["current"]
    for block in plan.blocks[len(done) :]:
        chosen = {replica: (models[replica], spec.seeds[replica]) for replica in block}
        training = start_training(chosen, problem, spec.init, spec.optimizer, stacked=plan.stacked)
        if current:
            training.restore(current)
            current = None
        while training.live:
            training.advance()
            context.report(*_progress(spec, training, block))
            checkpoint.save_if_due(partial(_state, done, training))
        done.append(training.result())
    for result in done:
        for replica, values in result["finished"].items():
            models[replica].load_state_dict(values)
    write_solutions(outputs.solutions, models)
    history = [asdict(Epoch(*epoch)) for result in done for epoch in result["history"]]
    pd.DataFrame(history).sort_values(["replica", "epoch"]).to_csv(outputs.history, index=False)


def _problem(spec: Spec, split: Split, device: str) -> Problem:
    train_set = train_part(split, torch.float32, device)
    if spec.attack is None:
        return Problem(train_set, None, 0.0)
    return Problem(train_set, attack_part(split, spec.attack.size, torch.float32, device), spec.attack.weight)


def _state(done: list[Any], training: Training) -> dict[str, Any]:
    return {"done": done, "current": training.state()}


def _progress(spec: Spec, training: Training, block: list[int]) -> tuple[str, float]:
    """The last replica's epoch in words, and the least share of all epochs that is done."""
    epoch = training.history[-1]
    attack = "" if spec.attack is None else f", L_A {epoch.attack_loss:.4g}, accuracy {epoch.attack_accuracy:.1%}"
    line = (
        f"replica {block[-1] + 1}/{len(spec.seeds)}, epoch {epoch.epoch}/{spec.optimizer.epochs}, "
        f"L_S {epoch.train_loss:.4g}, accuracy {epoch.train_accuracy:.1%}{attack}"
    )
    return line, (block[0] + len(block) * epoch.epoch / spec.optimizer.epochs) / len(spec.seeds)
