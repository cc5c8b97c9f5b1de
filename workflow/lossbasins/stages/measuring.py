"""The fitted replicas of a run, one after another, as measures see them."""

from collections.abc import Iterator

import torch

from lossbasins.data.tensors import train_part
from lossbasins.measures.solution import Solution
from lossbasins.specs.measure import Inputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.context import Context
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.solutions import fitted_replicas, read_solutions


def fitted_solutions(spec: Spec, inputs: Inputs, context: Context) -> Iterator[tuple[int, list[Solution]]]:
    """The number of each fitted replica, and what each measure is to see of it, in their order."""
    split = read_split(inputs.split)
    solutions = read_solutions(inputs.solutions, spec.model, split)
    train = {
        precision: train_part(split, getattr(torch, precision), context.device)
        for precision in dict.fromkeys(measure.precision for measure in spec.measures)
    }
    read = {path.stem: read_arrays(path) for path in inputs.arrays}
    for replica in context.progress(fitted_replicas(inputs.evaluation), "solution"):
        arrays = {
            name: {key: values[found["replica"] == replica][0] for key, values in found.items()}
            for name, found in read.items()
        }
        yield (
            replica,
            [
                Solution(
                    solutions.model(replica, train[measure.precision].inputs.dtype, context.device),
                    train[measure.precision],
                    measure.seed + replica,
                    arrays,
                )
                for measure in spec.measures
            ],
        )
