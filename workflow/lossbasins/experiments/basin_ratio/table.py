"""Basin ratio table (E8): volumes of bad basins relative to good ones."""

import pandas as pd

from lossbasins.experiments.basin_ratio.ratio import basin_ratio, printed_basin_ratio
from lossbasins.experiments.basin_ratio.specs import RatioChoices, RatioInputs, RatioSpec
from lossbasins.reporting.protocols import INTERPOLATED, MATCHED, RAW
from lossbasins.specs.files import Table
from lossbasins.stages.context import Context
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.tables import write_table


def run(spec: RatioSpec, inputs: RatioInputs, outputs: Table, context: Context) -> None:  # noqa: ARG001
    """Pairs good and bad solutions under each protocol."""
    trained, matched = ([read_arrays(path) for path in paths] for paths in (inputs.spectrum, inputs.matched_spectrum))
    spectra = {RAW: trained, INTERPOLATED: trained, MATCHED: matched}
    choices = {name: getattr(spec, name) for name in RatioChoices.model_fields}
    table = basin_ratio(pd.read_csv(inputs.points), spec.labels(), spectra, **choices)
    printed = printed_basin_ratio(table)
    write_table(outputs, table, printed)
