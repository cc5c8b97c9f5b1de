import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.curvature import Objective, spectral_density, spectrum, top_eigenpairs
from lossbasins.curvature.lanczos import gauss_quadrature


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)).double().eval()
    return Objective(model, torch.randn(50, 6).double(), torch.randint(0, 3, (50,)))


def test_gauss_rule_is_exact_for_low_powers():
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(30, 30, generator=generator, dtype=torch.float64)
    matrix = matrix + matrix.T
    start = torch.randn(30, generator=generator, dtype=torch.float64)
    nodes, weights = gauss_quadrature(lambda v: matrix @ v, start, 4)
    for power in range(8):
        moment = start @ torch.linalg.matrix_power(matrix, power) @ start / (start @ start)
        assert (weights * nodes**power).sum() == pytest.approx(moment.item(), rel=1e-10)


def test_gauss_rule_ends_with_the_krylov_space():
    matrix = torch.diag(torch.tensor([2.0, 2.0, 2.0, 5.0], dtype=torch.float64))
    nodes, weights = gauss_quadrature(lambda v: matrix @ v, torch.ones(4, dtype=torch.float64), 4)
    np.testing.assert_allclose(nodes, [2, 5], rtol=1e-12)
    np.testing.assert_allclose(weights, [0.75, 0.25], rtol=1e-12)


def test_all_steps_give_the_eigenvalues_themselves(objective):
    exact = spectrum(objective).eigenvalues
    density = spectral_density(objective, probes=2, steps=objective.size)
    distances = np.abs(exact[:, None] - density.nodes[0][None, :]).min(1)
    assert distances.max() < 1e-8 * exact.max()


def test_moments_and_counts_lie_within_their_errors(objective):
    exact = spectrum(objective).eigenvalues
    density = spectral_density(objective, probes=60, steps=30, seed=1)
    assert density.matvecs == 60 * 30
    for power in (0, 1, 2):
        value, error = density.moment(power)
        assert abs(value - (exact**power).sum()) <= 4 * error + 1e-9
    value, error = density.above(0.02)
    assert abs(value - (exact > 0.02).sum()) < 4 * error


def test_density_is_that_of_the_eigenvalues_within_its_band(objective):
    exact = spectrum(objective).eigenvalues
    density = spectral_density(objective, probes=60, steps=50, seed=2)
    points, width = np.linspace(exact.min(), exact.max(), 50), 0.02
    mean, error = density.evaluate(points, width)
    kernels = np.exp(-0.5 * ((points[:, None] - exact) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    expected = kernels.mean(1)
    assert (np.abs(mean - expected) <= 4 * error + 1e-3 * expected.max()).all()


def test_deflation_takes_the_top_out(objective):
    exact = spectrum(objective).eigenvalues
    top = top_eigenpairs(objective, 4)
    density = spectral_density(objective, probes=3, steps=40, deflate=top)
    assert density.count == objective.size - 4
    assert max(nodes[-1] for nodes in density.nodes) == pytest.approx(exact[-5], rel=1e-6)


def test_resolution_is_the_range_over_the_steps(objective):
    density = spectral_density(objective, probes=2, steps=40)
    assert density.resolution == pytest.approx(np.ptp(spectrum(objective).eigenvalues) / 40, rel=1e-3)


@pytest.mark.parametrize("settings", [{"probes": 1}, {"steps": 1}])
def test_bad_settings(objective, settings):
    with pytest.raises(ValueError, match="at least 2"):
        spectral_density(objective, **settings)
