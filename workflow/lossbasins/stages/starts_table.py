"""Starts table (E8): how often a random start ends in a bad minimum."""

import pandas as pd

from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.reporting.printed import printed_starts
from lossbasins.reporting.starts import shares, starts
from lossbasins.specs.starts_table import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Counts the bad ends."""
    frame = starts(spec.labels(), [pd.read_csv(path) for path in inputs.evaluation])
    table = shares(frame, spec.below, spec.confidence)
    printed = printed_starts(frame, table)
    outputs.starts.write_text(to_csv(frame))
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
