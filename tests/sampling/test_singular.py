"""Learning coefficients of models that are singular at their solution (Aoyagi and Watanabe 2005)."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from lossbasins.sampling.thermodynamic import Landscape
from tests.sampling.quadratics import integrated

B = tuple(np.geomspace(1, 1e4, 7))


def landscape(excess, size):
    return Landscape(
        excess,
        lambda point: excess(point)[0],
        torch.zeros(1, dtype=torch.float64),
        torch.eye(size, 1, dtype=torch.float64),
    )


def coefficient(found):
    return found["excess_loss"][0, :, -1].mean() * B[-1], np.linalg.norm(found["excess_loss_error"][0, :, -1]) / 2 * B[
        -1
    ]


@pytest.mark.parametrize("size", [1, 4])
def test_regular_models_have_half_their_dimension(size):
    found = integrated(
        landscape(lambda point: (0.5 * float(point @ point), point), size),
        inverse_temperatures=B,
        draws=200,
        burn_in=50,
    )
    value, error = coefficient(found)
    assert value == pytest.approx(size / 2, abs=4 * error)
    assert error < 0.15 * size


def test_reduced_rank_regression():
    """dL = |A B|^2 / 2 at the zero matrix, A of shape (2, 1) and B of shape (1, 2): the coefficient is 1."""

    def excess(point):
        a, b = point[:2], point[2:]
        value = 0.5 * float(a @ a) * float(b @ b)
        return value, torch.cat([a * (b @ b), b * (a @ a)])

    found = integrated(landscape(excess, 4), inverse_temperatures=B, draws=400, burn_in=50)
    value, error = coefficient(found)

    # |a|^2 / 2 and |b|^2 / 2 are exponential: exp(-F) is the integral of exp(-u) / (1 + 2 b u).
    def energy(b):
        return -np.log(quad(lambda u: np.exp(-u) / (1 + 2 * b * u), 0, 60, points=[1e-4, 1e-2, 1], limit=500)[0])

    slope = (energy(1.1e4) - energy(1e4 / 1.1)) / (2 * np.log(1.1))
    assert slope == pytest.approx(1, abs=0.15)  # a logarithm of b off, as its pole is double
    assert value == pytest.approx(slope, abs=4 * error)
    assert error < 0.1
