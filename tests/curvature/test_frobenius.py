import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.curvature import HessianOperator, Objective, frobenius_squared, spectrum


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3)).double().eval()
    return Objective(model, torch.randn(40, 5).double(), torch.randint(0, 3, (40,)))


METHODS = ["finite_difference", "hutchinson", "deflated", "hutch++"]


@pytest.mark.parametrize("method", METHODS)
def test_estimates_lie_within_four_standard_errors(objective, method):
    exact = spectrum(objective).frobenius_squared
    estimates = [frobenius_squared(objective, method, probes=60, seed=seed) for seed in range(20)]
    assert all(abs(estimate.value - exact) < 4 * estimate.standard_error for estimate in estimates)


@pytest.mark.parametrize("method", METHODS)
def test_stated_standard_error_is_the_spread_over_seeds(objective, method):
    estimates = [frobenius_squared(objective, method, probes=60, seed=seed) for seed in range(100)]
    spread = np.std([estimate.value for estimate in estimates], ddof=1)
    stated = np.sqrt(np.mean([estimate.standard_error**2 for estimate in estimates]))
    assert 1 / 1.5 < stated / spread < 1.5


def test_finite_difference_has_the_probes_of_hutchinson(objective):
    exact, differences = (
        frobenius_squared(objective, method, probes=30, seed=3) for method in ("hutchinson", "finite_difference")
    )
    assert differences.value == pytest.approx(exact.value, rel=1e-3)
    assert differences.value != exact.value


def test_counts_every_product(objective, monkeypatch):
    counted = []
    original = HessianOperator.product
    monkeypatch.setattr(
        HessianOperator,
        "product",
        lambda self, vectors: (counted.append(1 if vectors.dim() == 1 else vectors.shape[1]), original(self, vectors))[
            1
        ],
    )
    for method in ("hutchinson", "deflated", "hutch++"):
        counted.clear()
        assert frobenius_squared(objective, method, probes=30, seed=0).matvecs == sum(counted) == 30


def test_stops_at_the_wanted_relative_error(objective):
    estimate = frobenius_squared(objective, "hutchinson", probes=10_000, seed=0, relative_error=0.1)
    assert estimate.matvecs < 10_000
    assert estimate.relative_error <= 0.1


def test_deflation_of_everything_is_exact(objective):
    estimate = frobenius_squared(objective, "deflated", probes=4 * objective.size, seed=0)
    assert estimate.value == pytest.approx(spectrum(objective).frobenius_squared, rel=1e-9)


@pytest.mark.parametrize(("settings", "message"), [({"probes": 1}, "probes=1"), ({"method": "exact"}, "choose one of")])
def test_bad_settings(objective, settings, message):
    with pytest.raises(ValueError, match=message):
        frobenius_squared(objective, **{"method": "hutchinson", **settings})
