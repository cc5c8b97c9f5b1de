"""Measures of the run of two small networks, taken as their jobs take them."""

import pandas as pd

from lossbasins.specs.entries import InitSpec
from lossbasins.specs.measure import ArrayOutputs, Inputs, Outputs, SeededMeasure, Spec
from lossbasins.stages import measure, measure_arrays
from lossbasins.stages.measured import read_arrays
from tests.stages.conftest import MODEL, SEEDS, context


def seeded(name, precision="float64", seed=1, **options):
    return SeededMeasure(name=name, options=options, precision=precision, seed=seed)


def spec_of(*measures):
    return Spec(model=MODEL, init=InitSpec(), seeds=SEEDS, measures=measures)


def values_of(inputs, *measures):
    """The table of a job that takes numbers."""
    outputs = Outputs(values=inputs.evaluation.with_name("values.csv"))
    measure.run(spec_of(*measures), inputs, outputs, context())
    return pd.read_csv(outputs.values)


def arrays_of(inputs, chosen):
    """The arrays of a job that takes these."""
    outputs = ArrayOutputs(arrays=inputs.evaluation.with_name(f"{chosen.name}.npz"))
    measure_arrays.run(spec_of(chosen), inputs, outputs, context())
    return read_arrays(outputs.arrays)


def inputs_of(trained, split_path, folder, statuses=("ok", "ok"), arrays=()):
    """The files that a job reads, with replicas of these statuses."""
    evaluation = folder / "evaluation.csv"
    pd.DataFrame({"replica": range(len(statuses)), "status": statuses}).to_csv(evaluation)
    return Inputs(
        split=split_path, solutions=trained / "solutions.safetensors", evaluation=evaluation, arrays=tuple(arrays)
    )
