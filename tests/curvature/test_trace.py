import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.curvature import Objective, matrix_trace, spectrum, trace
from tests.oracles import double_backward_rows


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3)).double().eval()
    return Objective(model, torch.randn(40, 5).double(), torch.randint(0, 3, (40,)))


def matrix_of(eigenvalues):
    rotation = torch.linalg.qr(torch.randn(60, 60, generator=torch.Generator().manual_seed(0), dtype=torch.float64)).Q
    return rotation @ torch.as_tensor(eigenvalues).diag() @ rotation.T


METHODS = ["hutchinson", "deflated", "hutch++"]
SPECTRA = {
    "decaying": np.logspace(1, -4, 60),
    "flat": np.linspace(1, 2, 60),
    "both signs": np.r_[8.0, -6.0, np.linspace(-1, 1, 58)],
}


@pytest.mark.parametrize("method", ["auto", "matrix"])
def test_exact_from_the_matrix(objective, method):
    found = trace(objective, method)
    assert found.value == pytest.approx(float(double_backward_rows(objective).trace()), rel=1e-12)
    assert found.interval() == (found.value, found.value)
    assert (found.standard_error, found.matvecs) == (0, 0)


def test_where_no_matrix_is_formed_products_are_taken():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.Softsign(), nn.Linear(4, 3)).double().eval()
    objective = Objective(model, torch.randn(9, 4).double(), torch.randint(0, 3, (9,)))
    found = trace(objective, probes=200)
    exact = float(double_backward_rows(objective).trace())
    assert found.matvecs > 0
    assert abs(found.value - exact) <= 4 * found.standard_error + 1e-10 * abs(exact)


@pytest.mark.parametrize("method", METHODS)
def test_estimates_lie_within_four_standard_errors(objective, method):
    exact = spectrum(objective).trace
    for seed in range(10):
        found = trace(objective, method, probes=40, seed=seed)
        assert abs(found.value - exact) < 4 * found.standard_error
        assert found.matvecs == 40


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SPECTRA)
def test_intervals_cover_and_values_are_unbiased(name, method):
    matrix, exact, seeds = matrix_of(SPECTRA[name]), SPECTRA[name].sum(), 400
    found = [matrix_trace(matrix.mv, matrix[0], method, probes=60, seed=seed) for seed in range(seeds)]
    values = np.array([each.value for each in found])
    assert abs(values.mean() - exact) < 4 * values.std(ddof=1) / seeds**0.5
    stated = np.sqrt(np.mean([each.standard_error**2 for each in found]))
    assert stated == pytest.approx(values.std(ddof=1), rel=0.2)  # the spread of a spread over 400 seeds is 4 %
    covered = np.mean([low <= exact <= high for low, high in (each.interval(0.95) for each in found)])
    assert 0.95 - 4 * 0.011 < covered < 0.95 + 4 * 0.011  # four standard errors of a share of 400


def test_deflation_pays_where_few_eigenvalues_dominate():
    matrix = matrix_of(np.r_[10.0, 8.0, 6.0, 5.0, 4.0, np.full(55, 0.01)])
    plain, deflated = (matrix_trace(matrix.mv, matrix[0], method, probes=40) for method in ("hutchinson", "deflated"))
    assert deflated.standard_error < plain.standard_error / 100


def test_the_spread_of_one_plain_sample_is_the_frobenius_norm():
    matrix = matrix_of(SPECTRA["both signs"])
    found = matrix_trace(matrix.mv, matrix[0], "hutchinson", probes=20_000)
    assert found.standard_error * 20_000**0.5 == pytest.approx(2**0.5 * float(matrix.norm()), rel=0.03)


def test_stops_at_the_wanted_relative_error_also_where_the_trace_is_negative():
    matrix = -matrix_of(SPECTRA["flat"])
    found = matrix_trace(matrix.mv, matrix[0], "hutchinson", probes=10_000, relative_error=0.02)
    assert found.matvecs < 10_000
    assert found.relative_error <= 0.02


def test_chunks_and_seeds(objective):
    first, chunked, other = (
        trace(objective, "deflated", probes=12, seed=seed, chunk=chunk)
        for seed, chunk in ((0, None), (0, 7), (1, None))
    )
    assert chunked.value == pytest.approx(first.value, rel=1e-9)
    assert other.value != first.value


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"method": "exact"}, "choose one of 'auto', 'matrix'"), ({"method": "deflated", "probes": 2}, "probes=2")],
)
def test_bad_settings(objective, settings, message):
    with pytest.raises(ValueError, match=message):
        trace(objective, **settings)
