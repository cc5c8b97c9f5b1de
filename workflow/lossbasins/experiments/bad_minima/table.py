"""Table of bad minima (E11) by the way that they were made."""

import pandas as pd

from lossbasins.experiments.bad_minima.minima import minima, printed_minima
from lossbasins.experiments.bad_minima.specs import MinimaInputs, MinimaSpec
from lossbasins.specs.files import Table
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: MinimaSpec, inputs: MinimaInputs, outputs: Table, context: Context) -> None:  # noqa: ARG001
    """Lists them."""
    table = minima(
        spec.labels(), *([pd.read_csv(path) for path in paths] for paths in (inputs.trained, inputs.matched))
    )
    write_table(outputs, table, printed_minima(table))
