"""Measures of the fitted replicas of a run, one replica after another."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lossbasins.data.tensors import train_part
from lossbasins.measures.solution import Arrays, Measured, Progress, Solution
from lossbasins.specs.entries import InitSpec
from lossbasins.specs.measure import Inputs, SeededMeasure, Spec
from lossbasins.specs.modules import MEASURE, load, module_name
from lossbasins.stages.arrays import read_split
from lossbasins.stages.checkpoint import Checkpoint
from lossbasins.stages.context import Context
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.solutions import fitted_replicas, new_model, read_solutions
from lossbasins.training.loop import draw_initial

Result = Measured | Arrays


def measured(spec: Spec, inputs: Inputs, context: Context) -> Iterator[tuple[int, list[Result]]]:
    """The number of each fitted replica, and what its measures gave, going on from a saved state."""
    replicas = fitted_replicas(inputs.evaluation)
    checkpoint = Checkpoint.of(context)
    saved = checkpoint.load() or {"done": [], "state": None}
    done, state = saved["done"], saved["state"]
    count, total = len(spec.measures), len(replicas) * len(spec.measures)
    solutions = _Solutions(spec, inputs, context)

    def keep(line: str, share: float, now: Callable[[], Any]) -> None:
        where = f"solution {len(done) // count + 1}/{len(replicas)}"
        context.report(f"{where}, {line}" if line else where, (len(done) + share) / total)
        checkpoint.save_if_due(lambda: {"done": done, "state": now()})

    while len(done) < total:
        keep("", 0, partial(_itself, state))
        chosen = spec.measures[len(done) % count]
        solution = solutions.of(replicas[len(done) // count], chosen, Progress(state, keep))
        done.append(_packed(load(module_name(MEASURE, chosen.name)).measure(solution, **chosen.options)))
        state = None
    for number, replica in enumerate(replicas):
        yield replica, [_unpacked(result) for result in done[number * count : (number + 1) * count]]


class _Solutions:
    """The replicas of a run, as each measure sees them."""

    def __init__(self, spec: Spec, inputs: Inputs, context: Context) -> None:
        self._spec = spec
        self._device = context.device
        self._split = read_split(inputs.split)
        self._solutions = read_solutions(inputs.solutions, spec.model, self._split)
        self._train = {
            precision: train_part(self._split, getattr(torch, precision), context.device)
            for precision in dict.fromkeys(measure.precision for measure in spec.measures)
        }
        self._read = {path.stem: read_arrays(path) for path in inputs.arrays}

    def of(self, replica: int, measure: SeededMeasure, progress: Progress) -> Solution:
        """One replica for one measure."""
        return Solution(
            self._solutions.model(replica, getattr(torch, measure.precision), self._device),
            self._train[measure.precision],
            measure.seed + replica,
            {
                name: {key: values[found["replica"] == replica][0] for key, values in found.items()}
                for name, found in self._read.items()
            },
            self._initial(replica, self._spec.init) if self._spec.init else None,
            progress,
        )

    def _initial(self, replica: int, init: InitSpec) -> Tensor:
        model = new_model(self._spec.model, self._split, self._spec.seeds[replica])
        draw_initial(model, init, self._spec.seeds[replica])
        return torch.nn.utils.parameters_to_vector(model.parameters()).detach()


def _itself(state: Any) -> Any:  # noqa: ANN401
    return state


def _packed(result: Result) -> dict[str, Any]:
    """As a checkpoint takes it."""
    if isinstance(result, Measured):
        return vars(result)
    return {name: torch.as_tensor(np.asarray(values)) for name, values in result.items()}


def _unpacked(saved: Mapping[str, Any]) -> Result:
    if saved.keys() == Measured.__dataclass_fields__.keys():
        return Measured(**saved)
    return {name: values.numpy() for name, values in saved.items()}
