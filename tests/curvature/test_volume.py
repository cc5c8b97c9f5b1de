import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.curvature import (
    Objective,
    estimate_log_inverse_volume,
    spectral_density,
    spectrum,
    top_eigenpairs,
)
from lossbasins.volume import log_inverse_volume


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)).double().eval()
    return Objective(model, torch.randn(50, 6).double(), torch.randint(0, 3, (50,)))


def test_estimate_agrees_with_the_spectrum_within_its_error(objective):
    exact = log_inverse_volume(spectrum(objective).eigenvalues, 20)
    top = top_eigenpairs(objective, 6)
    for seed in range(5):
        density = spectral_density(objective, probes=10, steps=60, seed=seed, deflate=top)
        found = estimate_log_inverse_volume(top, density, 20)
        assert 0 < found.standard_error < 0.1 * abs(exact)
        assert abs(found.value - exact) < 4 * found.standard_error


def test_estimate_of_the_top_alone_is_exact(objective):
    top = top_eigenpairs(objective, 6)
    density = spectral_density(objective, probes=2, steps=10, deflate=top)
    found = estimate_log_inverse_volume(top, density, 6)
    assert found.value == pytest.approx(np.log(top.values).sum())
    assert found.standard_error == 0


def test_estimate_knows_how_many_are_positive(objective):
    top = top_eigenpairs(objective, 6)
    density = spectral_density(objective, probes=2, steps=60, deflate=top)
    with pytest.raises(ValueError, match="more positive eigenvalues"):
        estimate_log_inverse_volume(top, density, objective.size)
    with pytest.raises(ValueError, match="use log_inverse_volume"):
        estimate_log_inverse_volume(top, density, 5)
