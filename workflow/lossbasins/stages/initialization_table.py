"""Initialization table (E3, the paper's Table 1): accuracies of several initialisations, ours beside the paper's."""

import pandas as pd

from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.reporting.initialization import (
    initialization_points,
    initialization_spread,
    initialization_table,
    printed_initialization,
)
from lossbasins.specs.initialization_table import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Gathers the accuracies of all runs and sets them beside the paper's and beside each other."""
    points = initialization_points(spec.labels(), [pd.read_csv(path) for path in inputs.evaluation])
    table = initialization_table(points, spec.cases)
    spread = initialization_spread(points, spec.cases, spec.confidence)
    printed = printed_initialization(points, table, spread, spec.cases)
    outputs.points.write_text(to_csv(points))
    outputs.spread.write_text(to_csv(spread))
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
