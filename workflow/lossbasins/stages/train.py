"""All replicas of one run, trained on L_S + gamma L_A."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import pandas as pd
import torch

from lossbasins.data.split import Split
from lossbasins.data.tensors import attack_part, train_part
from lossbasins.models.initialisation import left_to_model
from lossbasins.specs.train import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.checkpoint import Checkpoint
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import new_model, write_solutions
from lossbasins.training.loop import Epoch, Replica, Training, start_training
from lossbasins.training.objective import Problem
from lossbasins.training.plan import plan_training
from lossbasins.training.routes import Route

Block = dict[str, Any]
"""`replicas` that train at once, and the `state` that their training goes on from, None for its start."""


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Trains one block of replicas after another, going on from a saved state; a block too large is halved."""
    split = read_split(inputs.split)
    problem = _problem(spec, split, context.device)
    model = new_model(spec.model, split, spec.seeds[0])
    context.left_to_model.extend(left_to_model(model, spec.init))
    plan = plan_training(model, len(spec.seeds), problem, spec.optimizer)
    checkpoint = Checkpoint.of(context, plan.route)
    # Blocks are part of the state, so that a job goes on where a GPU has less memory free.
    saved = checkpoint.load() or {"done": [], "left": [{"replicas": block, "state": None} for block in plan.blocks]}
    done, left = saved["done"], saved["left"]
    while left:
        block, *others = left
        start = partial(_start, spec, split, problem, plan.route, block)
        result = _trained(spec, block, start, partial(_state, done, block, others), checkpoint, context)
        if result is None:
            left = [*_halves(block, checkpoint), *others]
            context.report(f"too little memory for {len(block['replicas'])} replicas at once; going on with half")
        else:
            done, left = [*done, result], others
    finished = {replica: values for result in done for replica, values in result["finished"].items()}
    write_solutions(outputs.solutions, [finished[replica] for replica in range(len(spec.seeds))])
    history = [asdict(Epoch(*epoch)) for result in done for epoch in result["history"]]
    pd.DataFrame(history).sort_values(["replica", "epoch"]).to_csv(outputs.history, index=False)


def _problem(spec: Spec, split: Split, device: str) -> Problem:
    train_set = train_part(split, torch.float32, device)
    if spec.attack is None:
        return Problem(train_set, None, 0.0)
    return Problem(train_set, attack_part(split, spec.attack.size, torch.float32, device), spec.attack.weight)


def _start(spec: Spec, split: Split, problem: Problem, route: Route, block: Block) -> Training:
    replicas = {
        number: Replica(new_model(spec.model, split, spec.seeds[number]), spec.init, spec.seeds[number])
        for number in block["replicas"]
    }
    training = start_training(replicas, problem, spec.optimizer, route=route)
    if block["state"]:
        training.restore(block["state"])
    return training


def _state(done: list[Any], block: Block, others: list[Block], training: Training) -> dict[str, Any]:
    return {"done": done, "left": [block | {"state": training.state()}, *others]}


def _trained(
    spec: Spec,
    block: Block,
    start: Callable[[], Training],
    state: Callable[[Training], Any],
    checkpoint: Checkpoint,
    context: Context,
) -> dict[str, Any] | None:
    """What came of a block; None where there was too little memory for it."""
    try:
        training = start()
        while training.live:
            training.advance()
            context.report(*_progress(spec, training, block["replicas"]))
            checkpoint.save_if_due(partial(state, training))
    except torch.OutOfMemoryError:
        return None
    return training.result()


def _halves(block: Block, checkpoint: Checkpoint) -> list[Block]:
    """Both halves of a block, from where it was last saved."""
    replicas = block["replicas"]
    if len(replicas) == 1:
        raise ValueError(
            "too little memory for a single replica; give the optimizer a smaller batch, or set device to cpu"
        )
    saved = checkpoint.load()
    if saved and saved["left"][0]["replicas"] == replicas:
        block = saved["left"][0]
    middle = len(replicas) // 2
    return [block | {"replicas": half} for half in (replicas[:middle], replicas[middle:])]


def _progress(spec: Spec, training: Training, replicas: list[int]) -> tuple[str, float]:
    """The last replica's epoch in words, and the least share of all epochs that is done."""
    epoch = training.history[-1]
    attack = "" if spec.attack is None else f", L_A {epoch.attack_loss:.4g}, accuracy {epoch.attack_accuracy:.1%}"
    line = (
        f"replica {replicas[-1] + 1}/{len(spec.seeds)}, epoch {epoch.epoch}/{spec.optimizer.epochs}, "
        f"L_S {epoch.train_loss:.4g}, accuracy {epoch.train_accuracy:.1%}{attack}"
    )
    return line, (replicas[0] + len(replicas) * epoch.epoch / spec.optimizer.epochs) / len(spec.seeds)
