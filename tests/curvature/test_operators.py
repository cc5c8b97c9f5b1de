import numpy as np
import pytest
import torch
from scipy.sparse.linalg import LinearOperator
from torch import nn

from lossbasins.curvature import (
    FisherOperator,
    GaussNewtonOperator,
    HessianOperator,
    Objective,
    hessian_matrix,
    top_eigenpairs,
)
from tests.oracles import fisher_by_expectation, gauss_newton_from_jacobian, sample_gradients


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


def empirical_fisher(objective):
    rows = sample_gradients(objective, objective.targets)
    return rows.T @ rows / len(rows)


OUTPUT_OPERATORS = {
    "Gauss-Newton": (GaussNewtonOperator, gauss_newton_from_jacobian),
    "true Fisher": (FisherOperator, fisher_by_expectation),
    "empirical Fisher": (lambda *a, **k: FisherOperator(*a, kind="empirical", **k), empirical_fisher),
}


class LastOfLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(2, 3, batch_first=True)
        self.head = nn.Linear(3, 3)

    def forward(self, inputs):
        return self.head(self.recurrent(inputs)[0][:, -1])


def objective_of(model, loss):
    torch.manual_seed(1)
    model, inputs = {
        "dense": lambda: (nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)), torch.randn(7, 4)),
        "convolution": lambda: (
            nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)),
            torch.randn(5, 1, 4, 4),
        ),
        "transformer": lambda: (
            nn.Sequential(nn.TransformerEncoderLayer(4, 2, 5, batch_first=True), nn.Flatten(), nn.Linear(12, 3)),
            torch.randn(4, 3, 4),
        ),
        "lstm": lambda: (LastOfLstm(), torch.randn(5, 4, 2)),
    }[model]()
    targets = torch.randint(0, 3, (len(inputs),)) if loss == "cross_entropy" else torch.randn(len(inputs), 3).double()
    return Objective(model.double().eval(), inputs.double(), targets, loss)


@pytest.mark.parametrize("model", ["dense", "convolution", "transformer", "lstm"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
@pytest.mark.parametrize("name", OUTPUT_OPERATORS)
def test_products_of_output_operators(model, loss, name):
    objective = objective_of(model, loss)
    build, oracle = OUTPUT_OPERATORS[name]
    expected = oracle(objective).numpy()
    identity = np.eye(objective.size)
    for chunk in (None, 3):
        operator = build(objective, chunk=chunk)
        matrix = operator @ identity
        assert operator.shape == expected.shape
        assert operator.products == objective.size
        np.testing.assert_allclose(matrix, expected, rtol=1e-10, atol=1e-13 * np.abs(expected).max())
        np.testing.assert_allclose(matrix, matrix.T, rtol=0, atol=1e-14 * np.abs(expected).max())
        assert np.linalg.eigvalsh(matrix).min() > -1e-13 * np.abs(expected).max()
        vector = torch.from_numpy(np.random.default_rng(0).standard_normal(objective.size))
        np.testing.assert_allclose(operator.product(vector), expected @ vector.numpy(), rtol=1e-9, atol=1e-13)


def test_the_true_fisher_does_not_depend_on_targets_and_the_empirical_one_does():
    objective = objective_of("dense", "cross_entropy")
    other = Objective(objective.model, objective.inputs, (objective.targets + 1) % 3)
    vector = np.ones(objective.size)
    np.testing.assert_array_equal(FisherOperator(objective) @ vector, FisherOperator(other) @ vector)
    first, second = (FisherOperator(each, "empirical") @ vector for each in (objective, other))
    assert np.abs(first - second).max() > 0.01 * np.abs(first).max()


def test_the_empirical_fisher_keeps_its_digits_in_float32_where_all_is_fitted():
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double().eval()
    inputs = torch.randn(20, 4, generator=torch.Generator().manual_seed(0)).double()
    with torch.no_grad():
        model[2].weight.mul_(100)
        labels = model(inputs).argmax(1)
    objective = Objective(model, inputs, labels)
    exact = FisherOperator(objective, "empirical") @ np.ones(objective.size)
    found = FisherOperator(objective.to(torch.float32), "empirical") @ np.ones(objective.size, dtype=np.float32)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-4 * np.abs(exact).max())


@pytest.mark.parametrize("kind", ["exact", "Empirical"])
def test_unknown_fisher(objective, kind):
    with pytest.raises(ValueError, match=r"choose one of 'true', 'empirical'"):
        FisherOperator(objective, kind)


UNLIKELY = [
    nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)),
    nn.CrossEntropyLoss(label_smoothing=0.1),
    lambda outputs, targets: outputs.gather(1, targets[:, None]).square().mean(),
]


@pytest.mark.parametrize("loss", UNLIKELY)
def test_no_true_fisher_of_a_loss_that_is_no_likelihood(objective, loss):
    other = Objective(objective.model, objective.inputs, objective.targets, loss)
    with pytest.raises(ValueError, match=r"kind='true' with loss .*kind='empirical'"):
        FisherOperator(other)


def test_weight_decay_counts_to_the_gauss_newton_matrix_and_not_to_the_fisher(objective):
    decayed = Objective(objective.model, objective.inputs, objective.targets, weight_decay=0.3)
    vector = np.random.default_rng(0).standard_normal(objective.size)
    for chunk in (None, 2):
        more = GaussNewtonOperator(decayed, chunk=chunk) @ vector - GaussNewtonOperator(objective) @ vector
        np.testing.assert_allclose(more, 0.3 * vector, rtol=1e-12)
    np.testing.assert_allclose(FisherOperator(decayed) @ vector, FisherOperator(objective) @ vector, rtol=1e-12)


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


@pytest.mark.parametrize("method", ["factors", "matrix", "lanczos"])
def test_eigenvectors_by_parameter(objective, method):
    found = top_eigenpairs(objective, 2, method=method)
    state = found.state_dict(1)
    parameters = dict(objective.model.named_parameters())
    assert list(state) == list(parameters)
    assert all(state[name].shape == parameters[name].shape for name in state)
    assert all(state[name].dtype == parameters[name].dtype for name in state)
    flat = torch.cat([piece.reshape(-1) for piece in state.values()])
    torch.testing.assert_close(flat, torch.from_numpy(found.vectors[:, 1]), rtol=0, atol=0)
    # Along it, the gradient's directional derivative is the eigenvalue times the vector.
    products = torch.autograd.functional.hvp(
        lambda *pieces: nn.functional.cross_entropy(
            torch.func.functional_call(objective.model, dict(zip(parameters, pieces, strict=True)), objective.inputs),
            objective.targets,
        ),
        tuple(parameters.values()),
        tuple(state.values()),
    )[1]
    for product, piece in zip(products, state.values(), strict=True):
        torch.testing.assert_close(product, found.values[1] * piece, rtol=0, atol=1e-8 * found.values[0])
