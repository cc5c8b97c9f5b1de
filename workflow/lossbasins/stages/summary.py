"""Summary: what the study's tables say, on one screen."""

from collections import Counter

import pandas as pd

from lossbasins.reporting.sentences import Tell
from lossbasins.reporting.summary import summary
from lossbasins.specs.modules import load
from lossbasins.specs.summary import Inputs, Outputs, Spec, Told
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Reads the tables and says what they say."""
    tables = iter(inputs.tables)
    entries = Counter(about.module for about in spec.told)
    told = [
        (about.name if entries[about.module] > 1 else "", said)
        for about in spec.told
        for said in _teller(about)(*(pd.read_csv(next(tables)) for _ in range(about.tables)))
    ]
    outputs.summary.write_text(summary(told, pd.read_csv(inputs.claims)))


def _teller(about: Told) -> Tell:
    tell: Tell = load(about.module).sentences
    return tell
