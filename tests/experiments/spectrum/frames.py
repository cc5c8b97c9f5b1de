"""Tables of made-up spectra."""

from lossbasins.experiments.spectrum.numbers import spectrum_table
from tests.reporting.measurements import measurements
from tests.reporting.tables import read_back


def spectrum_frames(top=10, **case):
    """The table and the eigenvalues, as they are read back."""
    made = measurements(**case)
    return [read_back(frame) for frame in spectrum_table(made.labels, made.evaluations, made.spectra, top)]
