"""Spectrum table (E5): the spectra of three solutions of good, middling and bad test accuracy."""

import pandas as pd

from lossbasins.experiments.spectrum.numbers import printed_spectrum, spectrum_table
from lossbasins.experiments.spectrum.specs import SpectrumInputs, SpectrumOutputs, SpectrumSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.stages.context import Context
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.tables import write_table


def run(spec: SpectrumSpec, inputs: SpectrumInputs, outputs: SpectrumOutputs, context: Context) -> None:  # noqa: ARG001
    """Summarises every spectrum and picks the three."""
    evaluations = [pd.read_csv(path) for path in inputs.evaluation]
    spectra = [read_arrays(path) for path in inputs.spectrum]
    table, eigenvalues = spectrum_table(spec.labels(), evaluations, spectra, spec.top)
    printed = printed_spectrum(table, spec.top)
    outputs.eigenvalues.write_text(to_csv(eigenvalues))
    outputs.matched.write_text(to_csv(_matched(spec, inputs) if inputs.matched_spectrum else table[:0]))
    write_table(outputs, table, printed)


def _matched(spec: SpectrumSpec, inputs: SpectrumInputs) -> pd.DataFrame:
    """The spectra of the polished solutions in numbers."""
    evaluations = [pd.read_csv(path) for path in inputs.matched_evaluation]
    spectra = [read_arrays(path) for path in inputs.matched_spectrum]
    return spectrum_table(spec.labels(), evaluations, spectra, spec.top)[0]
