"""Summary: what the study's tables say, in a few lines."""

import pandas as pd

from lossbasins.reporting.summary import summary
from lossbasins.specs.modules import load
from lossbasins.specs.summary import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Reads the tables and says what they say."""
    told = [
        (about.name, sentence)
        for about, path in zip(spec.told, inputs.tables, strict=True)
        for sentence in load(about.module).sentences(pd.read_csv(path))
    ]
    outputs.summary.write_text(summary(told, pd.read_csv(inputs.claims)))
