"""Count (E12): networks that fit n images, by following gradients, by guessing and by sequential Monte Carlo."""

from functools import partial
from typing import Any

import pandas as pd

from lossbasins.data.parity import test_points, train_points
from lossbasins.data.split import Split
from lossbasins.experiments.guess_and_check.fit import Fit
from lossbasins.experiments.guess_and_check.nets import Nets
from lossbasins.experiments.guess_and_check.specs import CountOutputs, CountSpec
from lossbasins.experiments.guess_and_check.ways import Climb, Found, Task, descended, guessed
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import Images
from lossbasins.stages.arrays import read_split
from lossbasins.stages.checkpoint import Checkpoint
from lossbasins.stages.context import Context


def run(spec: CountSpec, inputs: Images, outputs: CountOutputs, context: Context) -> None:
    """Samples one run after another, going on from a saved state."""
    split = read_split(inputs.split)
    task = _task(spec, split, context.device)
    checkpoint = Checkpoint.of(context)
    saved = checkpoint.load() or _start(task, context)
    while saved["run"] < spec.runs:
        climb = Climb(task, saved["goal"], saved["run"])
        if saved["sampler"]:
            climb.sampler.restore(saved["sampler"])
        while climb.sampler.climbing:
            saved["found"] += climb.advance()
            context.report(*_progress(spec, climb, saved["run"]))
            checkpoint.save_if_due(partial(_state, saved, climb))
        saved |= {"run": saved["run"] + 1, "sampler": None}
    _write(saved, split, outputs)


def _task(spec: CountSpec, split: Split, device: str) -> Task:
    train, test = (points(split, spec.pixels, device) for points in (train_points, test_points))
    nets = Nets((train.inputs.shape[1], *spec.hidden, 1))
    return Task(spec, Fit.of(nets, train, spec.images), Fit.of(nets, test), spec.seed)


def _start(task: Task, context: Context) -> dict[str, Any]:
    context.report("networks that follow gradients, and guesses")
    goal, found = descended(task)
    return {"goal": goal, "found": found + guessed(task), "run": 0, "sampler": None}


def _state(saved: dict[str, Any], climb: Climb) -> dict[str, Any]:
    return saved | {"sampler": climb.sampler.state()}


def _progress(spec: CountSpec, climb: Climb, number: int) -> tuple[str, float]:
    sampler = climb.sampler
    right = f"{min(int(sampler.level), spec.images)}/{spec.images} images right"
    line = f"run {number + 1}/{spec.runs}, {right}, log probability {sampler.log_probability:.1f}"
    return line, (number + climb.done) / spec.runs


def _write(saved: dict[str, Any], split: Split, outputs: CountOutputs) -> None:
    found: list[Found] = saved["found"]
    ways = pd.DataFrame([{key: value for key, value in row.items() if key != "correct"} for row in found])
    keys = ("way", "level", "run")
    nets = pd.concat(
        pd.DataFrame({**{key: row[key] for key in keys}, "correct": row["correct"].numpy()}) for row in found
    )
    outputs.ways.write_text(to_csv(ways.assign(goal=saved["goal"], tested=len(split.test_labels), data=split.note)))
    outputs.nets.write_text(to_csv(nets))
