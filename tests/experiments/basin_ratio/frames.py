"""Tables of made-up solutions in pairs, and of the unattacked ones as random starts."""

from lossbasins.experiments.basin_ratio.ratio import basin_ratio
from lossbasins.experiments.basin_ratio.starts import shares, starts
from tests.experiments.volumes.frames import under_protocols
from tests.reporting.measurements import measurements
from tests.reporting.tables import read_back


def basin_frames(below=0.9, **case):
    """The ratios, the starts and their shares, as they are read back."""
    made = measurements(**case)
    compared = under_protocols(made)
    spectra = dict.fromkeys(compared["protocol"].unique(), made.spectra)
    ratio = basin_ratio(compared, made.labels, spectra, below=below, largest_k=40, band=0.9)
    unattacked = [number for number, label in enumerate(made.labels) if label["attack"] == "none"]
    ends = starts([made.labels[run] for run in unattacked], [made.evaluations[run] for run in unattacked])
    return [read_back(frame) for frame in (ratio, ends, shares(ends, below, 0.95))]
