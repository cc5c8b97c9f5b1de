"""Batch size table (E2, the table of section 3.1): full against mini batches, and against bad solutions."""

import pandas as pd

from lossbasins.experiments.batch_size.numbers import batch_size_points, batch_size_table, printed_batch_size
from lossbasins.experiments.batch_size.specs import BatchSizeSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import Evaluations, TableWithPoints
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: BatchSizeSpec, inputs: Evaluations, outputs: TableWithPoints, context: Context) -> None:  # noqa: ARG001
    """Gathers the test accuracies of all runs and compares them within each model."""
    points = batch_size_points(spec.labels(), [pd.read_csv(path) for path in inputs.evaluation], spec)
    table = batch_size_table(points, spec.confidence)
    printed = printed_batch_size(points, table, spec)
    outputs.points.write_text(to_csv(points))
    write_table(outputs, table, printed)
