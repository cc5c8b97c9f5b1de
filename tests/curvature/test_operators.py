import numpy as np
import pytest
import torch
from scipy.sparse.linalg import LinearOperator
from torch import nn

from lossbasins.curvature import HessianOperator, Objective, hessian_matrix, top_eigenpairs


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double().eval()
    return Objective(model, torch.randn(20, 4).double(), torch.randint(0, 3, (20,)))


@pytest.mark.parametrize("chunk", [None, 7])
def test_products_of_vectors_and_blocks(objective, chunk):
    operator = HessianOperator(objective, chunk=chunk)
    matrix = hessian_matrix(objective).numpy()
    vectors = np.random.default_rng(0).standard_normal((objective.size, 3))
    assert isinstance(operator, LinearOperator)
    assert operator.shape == matrix.shape
    np.testing.assert_allclose(operator @ vectors, matrix @ vectors, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(operator @ vectors[:, 0], matrix @ vectors[:, 0], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(operator.T @ vectors, matrix @ vectors, rtol=1e-11, atol=1e-13)
    assert operator.products == 7


def test_gradient_is_that_of_the_mean_loss(objective):
    expected = torch.autograd.grad(
        nn.functional.cross_entropy(objective.model(objective.inputs), objective.targets), objective.model.parameters()
    )
    expected = torch.cat([part.reshape(-1) for part in expected])
    torch.testing.assert_close(HessianOperator(objective, chunk=6).gradient(), expected, rtol=1e-11, atol=1e-14)


def test_batch_norm_in_eval_mode_is_differentiated_exactly():
    torch.manual_seed(0)
    model = (
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)).double().eval()
    )
    objective = Objective(model, torch.randn(5, 1, 4, 4).double(), torch.randint(0, 3, (5,)))
    identity = np.eye(objective.size)
    np.testing.assert_allclose(HessianOperator(objective) @ identity, hessian_matrix(objective), rtol=1e-11, atol=1e-14)


def test_bad_chunk(objective):
    with pytest.raises(ValueError, match="chunk=0"):
        HessianOperator(objective, chunk=0)


@pytest.mark.parametrize("method", ["auto", "factors", "matrix", "lanczos"])
@pytest.mark.parametrize("which", ["largest_algebraic", "largest_magnitude"])
def test_top_eigenpairs_are_those_of_the_matrix(objective, method, which):
    eigenvalues, _ = np.linalg.eigh(hessian_matrix(objective).numpy())
    key = eigenvalues if which == "largest_algebraic" else np.abs(eigenvalues)
    expected = eigenvalues[np.argsort(key)[::-1][:5]]
    found = top_eigenpairs(objective, 5, which=which, method=method)
    np.testing.assert_allclose(found.values, expected, rtol=1e-8)
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(5), atol=1e-10)
    assert found.converged.all()
    assert found.residual_norms.max() < 1e-8 * found.values.max()
    assert (found.matvecs > 0) == (method == "lanczos")


@pytest.mark.parametrize("method", ["factors", "matrix"])
@pytest.mark.parametrize("which", ["largest_algebraic", "largest_magnitude"])
def test_where_blocks_do_not_converge_the_whole_matrix_is_decomposed(objective, method, which, monkeypatch):
    monkeypatch.setattr("lossbasins.curvature.eigenpairs.STEPS", 1)
    eigenvalues = np.linalg.eigvalsh(hessian_matrix(objective).numpy())
    key = eigenvalues if which == "largest_algebraic" else np.abs(eigenvalues)
    found = top_eigenpairs(objective, 5, which=which, method=method)
    np.testing.assert_allclose(found.values, eigenvalues[np.argsort(key)[::-1][:5]], rtol=1e-10, atol=1e-13)
    assert found.converged.all()


@pytest.mark.parametrize(("samples", "route"), [(8, "factored_hessian"), (600, "hessian_matrix")])
def test_factors_are_kept_while_they_are_smaller_than_the_matrix(samples, route, monkeypatch):
    def refuse(*_):
        raise AssertionError("the other route")

    other = {"factored_hessian": "hessian_matrix", "hessian_matrix": "factored_hessian"}[route]
    monkeypatch.setattr(f"lossbasins.curvature.eigenpairs.{other}", refuse)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double().eval()
    objective = Objective(model, torch.randn(samples, 4).double(), torch.randint(0, 3, (samples,)))
    assert top_eigenpairs(objective, 3).converged.all()


def test_the_two_kinds_of_largest_differ_where_a_negative_one_is_larger():
    model = nn.Sequential(nn.Linear(2, 1, bias=False), nn.Tanh()).double().eval()
    with torch.no_grad():
        model[0].weight.fill_(0.5)
    objective = Objective(model, torch.ones(1, 2).double(), torch.full((1, 1), -1.0).double(), "mse")
    # L = (tanh(u) + 1)^2 at u = 1 bends down along (1, 1), where u grows by 2 for each unit, and not at all across.
    slope = 1 / np.cosh(1) ** 2
    bend = 2 * slope**2 - 4 * (np.tanh(1) + 1) * np.tanh(1) * slope
    algebraic, magnitude = (top_eigenpairs(objective, 1, which=w) for w in ("largest_algebraic", "largest_magnitude"))
    assert algebraic.values[0] == pytest.approx(0, abs=1e-12)
    assert magnitude.values[0] == pytest.approx(2 * bend)


@pytest.mark.parametrize(
    ("settings", "message"), [({"k": 0}, "k=0"), ({"k": 99}, "from 1 to 43"), ({"k": 1, "which": "LA"}, "which='LA'")]
)
def test_bad_settings(objective, settings, message):
    with pytest.raises(ValueError, match=message):
        top_eigenpairs(objective, **settings)
