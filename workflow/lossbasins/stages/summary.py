"""Summary: what the study's figures say, in five lines."""

import pandas as pd

from lossbasins.reporting.summary import summary
from lossbasins.specs.summary import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Reads the tables and says what they say."""
    frames = (pd.read_csv(path) for path in (inputs.spectrum, inputs.points, inputs.correlation))
    outputs.summary.write_text(summary(*frames))
