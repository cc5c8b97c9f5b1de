"""Spectrum table (E5): the spectra of three solutions of good, middling and bad test accuracy."""

import pandas as pd

from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.reporting.printed import printed_spectrum
from lossbasins.reporting.spectrum import spectrum_table
from lossbasins.specs.spectrum_table import Inputs, Outputs, Spec
from lossbasins.stages.context import Context
from lossbasins.stages.spectra import read_spectra


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Summarises every spectrum and picks the three."""
    evaluations = [pd.read_csv(path) for path in inputs.evaluation]
    spectra = [read_spectra(path) for path in inputs.spectrum]
    table, eigenvalues = spectrum_table(spec.labels(), evaluations, spectra, spec.top)
    printed = printed_spectrum(table, spec.top)
    outputs.eigenvalues.write_text(to_csv(eigenvalues))
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
