"""Tables of made-up spectra of large networks."""

import numpy as np

from lossbasins.experiments.density.numbers import density_table
from tests.reporting.measurements import measurements
from tests.reporting.tables import read_back

TOP, PROBES = 5, 3


def densities(made, seed=0):
    """Of each run what the measure would have: the largest eigenvalues, and the exact rule for all others."""
    rng = np.random.default_rng(seed)
    return [_measured(spectra, rng) for spectra in made.spectra]


def _measured(spectra, rng):
    replicas = len(spectra["replica"])
    descending = np.sort(spectra["eigenvalues"])[:, ::-1]
    others = descending[:, TOP:][:, ::-1]
    squares = rng.normal(size=(replicas, PROBES, others.shape[1])) ** 2
    return {
        "replica": spectra["replica"],
        "largest": descending[:, :TOP],
        "residuals": np.full((replicas, TOP), 1e-6),
        "nodes": np.repeat(others[:, None, :], PROBES, axis=1),
        "weights": squares / squares.sum(axis=-1, keepdims=True),
        "count": np.full(replicas, others.shape[1]),
    }


def density_frames(**case):
    """The table, the curves and the largest eigenvalues, as they are read back."""
    made = measurements(**case)
    return [read_back(frame) for frame in density_table(made.labels, made.evaluations, densities(made))]
