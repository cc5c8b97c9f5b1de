"""Basin ratio table (E8): volumes of bad basins relative to good ones."""

import pandas as pd

from lossbasins.reporting.basin_ratio import basin_ratio
from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.reporting.printed import printed_basin_ratio
from lossbasins.reporting.protocols import INTERPOLATED, MATCHED, RAW
from lossbasins.specs.basin_ratio_table import BasinRatioChoices, Inputs, Outputs, Spec
from lossbasins.stages.context import Context
from lossbasins.stages.spectra import read_spectra


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Pairs good and bad solutions under each protocol."""
    trained, matched = ([read_spectra(path) for path in paths] for paths in (inputs.spectrum, inputs.matched_spectrum))
    spectra = {RAW: trained, INTERPOLATED: trained, MATCHED: matched}
    choices = {name: getattr(spec, name) for name in BasinRatioChoices.model_fields}
    table = basin_ratio(pd.read_csv(inputs.points), spec.labels(), spectra, **choices)
    printed = printed_basin_ratio(table)
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
