import copy

import numpy as np
import pytest
import torch

from lossbasins.sampling.thermodynamic import Landscape, ThermodynamicIntegration
from lossbasins.sampling.weighting import weighted
from tests.sampling.quadratics import free_energy, integrated, learning_coefficient, quadratic, schedule

SIZE = 3781
N = 512


@pytest.fixture(scope="module")
def spectrum():
    """As that of a mLeNet with 512 images under He's prior: a few large eigenvalues, and a long tail."""
    return 0.02 * np.arange(1, SIZE + 1) ** -1.5


def test_free_energy_and_learning_coefficient_of_a_quadratic(spectrum):
    landscape = quadratic(spectrum)
    bent = (N * spectrum > 0.05).sum()
    landscape = type(landscape)(
        landscape.excess, landscape.excess_alone, landscape.curvature[:bent], landscape.vectors[:, :bent].contiguous()
    )
    found = integrated(landscape, draws=120)
    assert found["free_energy"][0, :, -1].mean() == pytest.approx(free_energy(spectrum, N), abs=0.5)
    coefficients = N * found["excess_loss"][0, :, -1]
    assert coefficients.mean() == pytest.approx(learning_coefficient(spectrum, N), abs=0.5)
    assert (found["r_hat"] < 1.05).all()
    assert (found["effective_samples"] > 100).all()
    assert (found["acceptance"] > 0.8).all()


def test_errors_are_what_repetitions_scatter_by():
    # With a curvature that the sampler takes for a tenth of what it is, so that proposals are refused.
    landscape = quadratic([8.0, 1.0, 0.1])
    weak = type(landscape)(landscape.excess, landscape.excess_alone, landscape.curvature / 10, landscape.vectors)
    found = [integrated(weak, seed, inverse_temperatures=(0.2, 1.0, 5.0, 25.0), draws=60) for seed in range(20)]
    values = np.array([one["free_energy"][0, :, -1] for one in found]).ravel()
    errors = np.array([one["free_energy_error"][0, :, -1] for one in found]).ravel()
    scores = (values - free_energy([8.0, 1.0, 0.1], 25.0)) / errors
    assert abs(scores.mean()) < 3 / np.sqrt(len(scores))
    assert 0.7 < scores.std() < 1.3


@pytest.mark.parametrize("longest", [1, 8])
def test_acceptance_is_tuned_where_the_target_is_no_gaussian(longest):
    def excess(point):  # quartic
        return float((point**4).sum()), 4 * point**3

    landscape = quadratic(np.zeros(50))
    quartic = type(landscape)(excess, lambda point: excess(point)[0], landscape.curvature, landscape.vectors)
    found = integrated(
        quartic, longest=longest, burn_in=60, draws=60, inverse_temperatures=tuple(np.geomspace(0.01, 10, 8))
    )
    assert found["acceptance"][0, :, -1] == pytest.approx(0.65, abs=0.15)
    # Gauss-Hermite quadrature in one dimension.
    nodes, shares = np.polynomial.hermite_e.hermegauss(200)
    exact = -50 * np.log((shares * np.exp(-10 * nodes**4)).sum() / shares.sum())
    if longest > 1:
        error = np.linalg.norm(found["free_energy_error"][0, :, -1]) / 2
        assert found["free_energy"][0, :, -1].mean() == pytest.approx(exact, abs=4 * error)
        assert error < 1.5


def test_scales_multiply_the_variances():
    found = integrated(quadratic([5.0, 0.5]), prior_scales=(0.5, 2.0), inverse_temperatures=(0.2, 1, 5, 25))
    for scale, energies in zip((0.5, 2.0), found["free_energy"], strict=True):
        exact = free_energy([5.0 * scale, 0.5 * scale], 25)
        assert energies[:, -1].mean() == pytest.approx(exact, abs=0.4)


def test_a_restored_integration_ends_with_the_same_bits():
    def new():
        return ThermodynamicIntegration(quadratic([5.0, 0.5, 0.1]), schedule(draws=10, prior_draws=5), seed=3)

    whole = new()
    states = []
    for number, _ in enumerate(whole.advance()):
        if number % 40 == 3:
            states.append(copy.deepcopy(whole.state()))
    assert len(states) > 5
    for state in states:
        again = new()
        again.restore(state)
        for _ in again.advance():
            pass
        for name, values in whole.result().items():
            np.testing.assert_array_equal(values, again.result()[name], err_msg=name)
    assert whole.share == 1


def test_weighted_draws_of_the_prior():
    # dL = z^2 / 2, b = 1: F = log(2) / 2 and E_b[dL] = 1/4.
    found = weighted(0.5 * np.random.default_rng(1).standard_normal(4000) ** 2, 1.0)
    assert found.free_energy == pytest.approx(np.log(2) / 2, abs=4 * found.free_energy_error)
    assert found.mean == pytest.approx(0.25, abs=4 * found.mean_error)
    assert found.free_energy_error < 0.01
    assert found.mean_error < 0.01
    assert 2000 < found.effective_samples < 4000


def test_draws_whose_loss_overflows_have_no_weight():
    values = np.array([0.1, 0.4, np.inf, np.inf])
    kept, found = weighted(values[:2], 1.0), weighted(values, 1.0)
    assert found.mean == pytest.approx(kept.mean)
    assert found.free_energy == pytest.approx(kept.free_energy + np.log(2))
    assert found.effective_samples == pytest.approx(kept.effective_samples)
    assert 0 < found.free_energy_error < np.inf
    nothing = weighted(np.full(4, np.inf), 1.0)
    assert nothing.effective_samples == 0
    assert nothing.free_energy == np.inf


def test_a_flat_loss_has_no_free_energy():
    flat = Landscape(
        lambda point: (0.0, torch.zeros_like(point)), lambda _: 0.0, torch.zeros(0).double(), torch.zeros(3, 0).double()
    )
    assert integrated(flat, draws=10)["free_energy"].tolist() == [[[0.0] * 7] * 2]


def test_what_overflows_is_refused():
    def excess(point):
        steep = float(torch.exp(torch.linalg.norm(point) ** 4))
        return steep, torch.full_like(point, steep)

    landscape = quadratic([1.0])
    steep = type(landscape)(excess, lambda _: 0.0, landscape.curvature, landscape.vectors)
    found = integrated(steep, inverse_temperatures=(0.2, 1, 5, 25), draws=10)
    assert np.isfinite(found["excess_loss"][:, 1]).all()
