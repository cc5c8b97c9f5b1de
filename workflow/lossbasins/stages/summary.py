"""Summary: what the study's figures say, in a few lines."""

import pandas as pd

from lossbasins.reporting.summary import summary
from lossbasins.specs.summary import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Reads the tables and says what they say."""
    points, correlations = ([pd.read_csv(path) for path in paths] for paths in (inputs.points, inputs.correlation))
    comparisons = {name: pair for name, *pair in zip(spec.comparisons, points, correlations, strict=True)}
    text = summary(pd.read_csv(inputs.spectrum), comparisons)
    outputs.summary.write_text(text)
