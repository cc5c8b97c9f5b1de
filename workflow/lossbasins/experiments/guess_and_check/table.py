"""Guess and check (E12): the volume of what fits, and how it generalises, beside what gradients find."""

import pandas as pd

from lossbasins.experiments.guess_and_check.numbers import count_table, printed_counts
from lossbasins.experiments.guess_and_check.specs import TableInputs, TableSpec
from lossbasins.specs.files import Table
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: TableSpec, inputs: TableInputs, outputs: Table, context: Context) -> None:  # noqa: ARG001
    """Puts all numbers of images under each other."""
    ways, nets = ([pd.read_csv(path) for path in paths] for paths in (inputs.ways, inputs.nets))
    table = count_table(spec.images, ways, nets, spec)
    write_table(outputs, table, printed_counts(table, spec))
