"""Summary: what the study's figures say, in a few lines."""

import pandas as pd

from lossbasins.reporting.summary import summary
from lossbasins.specs.summary import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Reads the tables and says what they say."""
    comparisons = dict(zip(spec.comparisons, map(pd.read_csv, inputs.points), strict=True))
    outputs.summary.write_text(summary(comparisons, pd.read_csv(inputs.claims)))
