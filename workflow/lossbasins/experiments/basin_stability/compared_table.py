"""Table of comparisons (E10): whether bad solutions leave at smaller kicks than good ones."""

import pandas as pd

from lossbasins.experiments.basin_stability.compared import compared, printed_comparisons
from lossbasins.experiments.basin_stability.specs import ComparedChoices, ComparedSpec, CurveInputs
from lossbasins.specs.files import Table
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: ComparedSpec, inputs: CurveInputs, outputs: Table, context: Context) -> None:  # noqa: ARG001
    """Compares good and bad solutions, and correlates all."""
    frame, curves = pd.read_csv(inputs.table), pd.read_csv(inputs.curves)
    choices = {name: getattr(spec, name) for name in ComparedChoices.model_fields}
    table = compared(frame, curves, seed=spec.seed, **choices)
    write_table(outputs, table, printed_comparisons(table, frame, spec.norm_within))
