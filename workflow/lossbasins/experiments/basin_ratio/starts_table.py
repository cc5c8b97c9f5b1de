"""Starts table (E8): how often a random start ends in a bad minimum."""

import pandas as pd

from lossbasins.experiments.basin_ratio.specs import StartsOutputs, StartsSpec
from lossbasins.experiments.basin_ratio.starts import printed_starts, shares, starts
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import Evaluations
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: StartsSpec, inputs: Evaluations, outputs: StartsOutputs, context: Context) -> None:  # noqa: ARG001
    """Counts the bad ends."""
    frame = starts(spec.labels(), [pd.read_csv(path) for path in inputs.evaluation])
    table = shares(frame, spec.below, spec.confidence)
    printed = printed_starts(frame, table)
    outputs.starts.write_text(to_csv(frame))
    write_table(outputs, table, printed)
