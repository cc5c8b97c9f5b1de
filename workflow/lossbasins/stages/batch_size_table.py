"""Batch size table (E2, the table of section 3.1): full against mini batches, and against bad solutions."""

import pandas as pd

from lossbasins.reporting.batch_size import batch_size_points, batch_size_table, printed_batch_size
from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.specs.batch_size_table import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Gathers the test accuracies of all runs and compares them within each model."""
    points = batch_size_points(spec.labels(), [pd.read_csv(path) for path in inputs.evaluation], spec)
    table = batch_size_table(points, spec.confidence)
    printed = printed_batch_size(points, table, spec)
    outputs.points.write_text(to_csv(points))
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
