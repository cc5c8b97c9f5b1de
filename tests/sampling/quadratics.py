"""Landscapes of which everything is known."""

import numpy as np
import torch

from lossbasins.sampling.thermodynamic import Landscape, Schedule, ThermodynamicIntegration


def quadratic(eigenvalues, vectors=None):
    """dL = 1/2 sum_i a_i z_i^2, where coordinates beyond those of the eigenvalues are free."""
    values = torch.as_tensor(np.asarray(eigenvalues), dtype=torch.float64)
    known = torch.eye(len(values), dtype=torch.float64) if vectors is None else vectors

    def excess(point):
        return 0.5 * float((values * point.square()).sum()), values * point

    return Landscape(excess, lambda point: excess(point)[0], values.clamp(min=0), known)


def free_energy(eigenvalues, b):
    return 0.5 * np.log1p(b * np.asarray(eigenvalues)).sum()


def learning_coefficient(eigenvalues, b):
    a = np.asarray(eigenvalues)
    return 0.5 * (b * a / (1 + b * a)).sum()


def schedule(**changes):
    values = {"prior_scales": (1.0,), "inverse_temperatures": tuple(np.geomspace(0.2, 512, 7)), "prior_draws": 100}
    values |= {"burn_in": 16, "draws": 100, "longest": 10, "acceptance": 0.65}
    return Schedule(**values | changes)


def integrated(landscape, seed=1, **changes):
    integration = ThermodynamicIntegration(landscape, schedule(**changes), seed)
    for _ in integration.advance():
        pass
    return integration.result()
