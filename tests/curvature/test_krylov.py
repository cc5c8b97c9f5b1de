"""The block Krylov method on spectra that are hard for it, against NumPy's dense eigenvalues."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lossbasins.curvature.krylov import NotConvergedError, outermost

WHICH = ("largest_algebraic", "largest_magnitude")

SPECTRA = {
    "well apart": np.logspace(2, -2, 120),
    "clustered at the edge": np.r_[5 + 1e-6 * np.arange(10), np.linspace(0, 1, 110)],
    "one value twelve times": np.r_[np.full(12, 3.0), np.linspace(-1, 1, 108)],
    "one value throughout": np.full(120, 2.0),
    "rank of three": np.r_[4.0, 2.0, -3.0, np.zeros(117)],
    "negative only": -np.logspace(1, -6, 120),
    "both signs alike": np.r_[np.linspace(1, 5, 60), -np.linspace(1, 5, 60)],
    "zero": np.zeros(120),
}


def rotated(values, seed=0):
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values), len(values))))[0]
    return (rotation * values) @ rotation.T


def check(matrix, k, which, tolerance, *, dtype=torch.float64, seed=0, width=None, dimensions=300):
    """Values, orthonormality and residuals, in units of the largest magnitude."""
    size = len(matrix)
    tensor = torch.from_numpy((matrix + matrix.T) / 2).to(dtype)
    settings = {"width": min(size, width or max(k, 8)), "dimensions": dimensions, "products": 3000, "seed": seed}
    values, vectors = outermost(lambda block: tensor @ block, tensor[0], k, which, tolerance, **settings)
    truth = np.linalg.eigvalsh(tensor.double().numpy())
    order = np.argsort(truth if which == "largest_algebraic" else np.abs(truth))[::-1][:k]
    scale = max(np.abs(truth).max(), np.finfo(float).tiny)
    bound = scale * max(10 * tolerance, 1000 * torch.finfo(dtype).eps)
    if which == "largest_algebraic":
        np.testing.assert_allclose(values, truth[order], rtol=0, atol=bound)
    else:  # values of one magnitude and different signs come in any order
        np.testing.assert_allclose(np.abs(values), np.abs(truth[order]), rtol=0, atol=bound)
    residuals = (tensor @ vectors).double() - vectors.double() * torch.from_numpy(values.copy())
    assert float(residuals.norm(dim=0).max()) <= bound
    product = (vectors.T @ vectors).double().numpy()
    np.testing.assert_allclose(product, np.eye(k), rtol=0, atol=100 * torch.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize("width", [None, 2])
def test_hard_spectra(name, which, dtype, width):
    check(rotated(SPECTRA[name]), 10, which, 1e-4 if dtype == torch.float32 else 1e-9, dtype=dtype, width=width)


@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("name", sorted(SPECTRA.keys() - {"negative only"}))
def test_a_space_that_is_restarted(name, which):
    check(rotated(SPECTRA[name]), 10, which, 1e-9, width=2, dimensions=20)


@pytest.mark.parametrize("copies", [2, 3, 5, 9])
@pytest.mark.parametrize("k", [1, 4, 12, 40])
def test_every_copy_is_found_from_two_columns(copies, k):
    check(rotated(np.repeat(np.logspace(0, -3, 20), copies)[:40]), k, "largest_algebraic", 1e-9, width=2)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_thresholds_are_relative(scale):
    check(scale * rotated(np.logspace(0, -3, 60)), 5, "largest_algebraic", 1e-4, dtype=torch.float32, width=2)


@given(
    values=st.lists(st.sampled_from([-3.0, -1.0, 0.0, 1e-9, 0.5, 0.5001, 1.0, 3.0]), min_size=2, max_size=60),
    fraction=st.floats(0, 1),
    which=st.sampled_from(WHICH),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_multiplicities(values, fraction, which, seed):
    k = max(1, int(fraction * len(values)))
    for width in (None, 2):
        check(rotated(np.array(values), seed), k, which, 1e-9, seed=seed, width=width)


@given(st.data())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_symmetric_matrix(data):
    size = data.draw(st.integers(2, 40))
    seed = data.draw(st.integers(0, 1000))
    entries = np.random.default_rng(seed).standard_normal((size, size)) * 10.0 ** data.draw(st.integers(-20, 20))
    check(entries + entries.T, data.draw(st.integers(1, size - 1)), data.draw(st.sampled_from(WHICH)), 1e-9)


def test_giving_up_is_an_error():
    matrix = torch.from_numpy(rotated(np.linspace(0, 1, 400)))
    with pytest.raises(NotConvergedError, match="1 eigenpairs did not settle in 30 products"):
        outermost(
            lambda block: matrix @ block,
            matrix[0],
            1,
            "largest_algebraic",
            1e-12,
            width=1,
            dimensions=300,
            products=30,
        )
