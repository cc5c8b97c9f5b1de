"""Polish table: what descending L_S alone does to solutions, and above all to their test accuracy."""

import pandas as pd

from lossbasins.experiments.polish.numbers import polish_table, printed_polish
from lossbasins.experiments.polish.specs import PolishedInputs, PolishedSpec
from lossbasins.specs.files import Table
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: PolishedSpec, inputs: PolishedInputs, outputs: Table, context: Context) -> None:  # noqa: ARG001
    """Sets every replica before beside itself after."""
    before, after, polish = (
        [pd.read_csv(path) for path in paths] for paths in (inputs.before, inputs.after, inputs.polish)
    )
    table = polish_table(spec.labels(), before, after, polish)
    printed = printed_polish(table, spec.target)
    write_table(outputs, table, printed)
