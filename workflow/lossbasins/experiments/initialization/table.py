"""Initialization table (E3, the paper's Table 1): accuracies of several initialisations, ours beside the paper's."""

import pandas as pd

from lossbasins.experiments.initialization.numbers import (
    initialization_points,
    initialization_spread,
    initialization_table,
    printed_initialization,
)
from lossbasins.experiments.initialization.specs import InitializationOutputs, InitializationSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import Evaluations
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: InitializationSpec, inputs: Evaluations, outputs: InitializationOutputs, context: Context) -> None:  # noqa: ARG001
    """Gathers the accuracies of all runs and sets them beside the paper's and beside each other."""
    points = initialization_points(spec.labels(), [pd.read_csv(path) for path in inputs.evaluation])
    table = initialization_table(points, spec.cases)
    spread = initialization_spread(points, spec.cases, spec.confidence)
    printed = printed_initialization(points, table, spread, spec.cases)
    outputs.points.write_text(to_csv(points))
    outputs.spread.write_text(to_csv(spread))
    write_table(outputs, table, printed)
