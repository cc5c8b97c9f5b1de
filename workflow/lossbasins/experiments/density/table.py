"""Density table (E5): largest eigenvalues and spectral densities of a good and a bad solution."""

import pandas as pd

from lossbasins.experiments.density.numbers import density_table, printed_density
from lossbasins.experiments.density.specs import DensityInputs, DensityOutputs, DensitySpec
from lossbasins.reporting.formats import to_csv
from lossbasins.stages.context import Context
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.tables import write_table


def run(spec: DensitySpec, inputs: DensityInputs, outputs: DensityOutputs, context: Context) -> None:  # noqa: ARG001
    """Summarises every spectrum and picks the two."""
    evaluations = [pd.read_csv(path) for path in inputs.evaluation]
    measured = [read_arrays(path) for path in inputs.spectral_density]
    table, curves, largest = density_table(spec.labels(), evaluations, measured)
    outputs.curves.write_text(to_csv(curves))
    outputs.largest.write_text(to_csv(largest))
    write_table(outputs, table, printed_density(table))
