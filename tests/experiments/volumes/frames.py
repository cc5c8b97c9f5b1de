"""Tables of made-up solutions under the three protocols."""

import pandas as pd

from lossbasins.experiments.volumes.numbers import correlations, points
from lossbasins.reporting.protocols import interpolated, matched
from tests.reporting.measurements import measurements
from tests.reporting.tables import read_back


def volume_frames(top=10, **case):
    """The points and the correlations, as they are read back."""
    frame = under_protocols(measurements(**case), top)
    table = correlations(frame, resamples=50, confidence=0.95, smallest_group=5, seed=0)
    return [read_back(frame), read_back(table)]


def under_protocols(made, top=10):
    """The points as trained, those that fit the attack set, and the same points as if brought to one loss."""
    trained = points(made.labels, made.evaluations, made.spectra, made.frobenius, top)
    loss = trained["train_loss"].median()
    compared = {"raw": trained, "interpolated": interpolated(trained, 0.9, 0.3), "matched": matched(trained, loss, 0.5)}
    return pd.concat([frame.assign(protocol=name) for name, frame in compared.items()], ignore_index=True)
