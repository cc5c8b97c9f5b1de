import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossbasins.curvature import (
    InexactMatrixError,
    Objective,
    UnsupportedLayerError,
    ggn_matrix,
    hessian_matrix,
    residual_matrix,
)
from lossbasins.curvature.reading import read_network
from tests.oracles import double_backward_rows, gauss_newton_from_jacobian


def convolutional(activation=nn.ReLU):
    return nn.Sequential(
        nn.Conv2d(2, 3, 3),
        activation(),
        nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 2, padding=1),
        activation(),
        nn.Conv2d(4, 3, 2, bias=False),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def connected(activation=nn.ReLU):
    return nn.Sequential(nn.Flatten(), nn.Linear(72, 4), activation(), nn.Linear(4, 5), activation(), nn.Linear(5, 3))


def objective_of(model, loss="cross_entropy", dtype=torch.float64, samples=7):
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(samples, 2, 6, 6, generator=generator, dtype=torch.float64).to(dtype)
    targets = torch.randint(0, 3, (samples,), generator=generator)
    if loss == "mse":
        targets = torch.randn(samples, 3, generator=generator, dtype=torch.float64).to(dtype)
    return Objective(model.to(dtype).eval(), inputs, targets, loss)


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
@pytest.mark.parametrize("method", ["structured", "autodiff"])
@pytest.mark.parametrize("build", [convolutional, connected])
@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
def test_hessian_equals_rows_of_double_backward(build, activation, method, loss):
    objective = objective_of(build(activation), loss)
    expected = double_backward_rows(objective)
    torch.testing.assert_close(hessian_matrix(objective, method), expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("method", ["structured", "autodiff"])
def test_gauss_newton_and_residual_are_the_two_parts(method):
    objective = objective_of(convolutional(nn.Tanh))
    gauss_newton = gauss_newton_from_jacobian(objective)
    residual = double_backward_rows(objective) - gauss_newton
    torch.testing.assert_close(ggn_matrix(objective, method), gauss_newton, rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(residual_matrix(objective, method), residual, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("memory", [1, 10_000, 2**28])
@pytest.mark.parametrize("method", ["structured", "autodiff"])
def test_memory_changes_no_digit_that_matters(method, memory):
    objective = objective_of(convolutional())
    expected = double_backward_rows(objective)
    torch.testing.assert_close(hessian_matrix(objective, method, memory=memory), expected, rtol=1e-10, atol=1e-14)


def test_what_cannot_be_read_is_named_and_auto_differentiates_it():
    objective = objective_of(Branching())
    with pytest.raises(UnsupportedLayerError, match="Branching cannot be read: TraceError"):
        hessian_matrix(objective, "structured")
    torch.testing.assert_close(hessian_matrix(objective), double_backward_rows(objective), rtol=1e-10, atol=1e-14)


def test_float32_keeps_its_digits_at_a_tiny_loss():
    model = connected()
    with torch.no_grad():
        model[-1].weight.mul_(30)
    objective = objective_of(model)
    objective.targets.copy_(objective.model(objective.inputs).argmax(1))
    expected = double_backward_rows(Objective(model, objective.inputs, objective.targets))
    found = hessian_matrix(objective.to(torch.float32))
    assert float((found.double() - expected).norm() / expected.norm()) < 1e-5


def test_a_layer_that_is_not_what_it_seems_is_differentiated_automatically():
    model = connected()
    model[1].register_forward_hook(lambda *values: 2 * values[-1])
    objective = objective_of(model)
    with pytest.raises(UnsupportedLayerError, match="is not what it does"):
        hessian_matrix(objective, "structured")
    torch.testing.assert_close(hessian_matrix(objective), double_backward_rows(objective), rtol=1e-10, atol=1e-14)


def test_a_matrix_that_is_not_the_hessian_is_an_error(monkeypatch):
    objective = objective_of(connected(nn.Tanh))
    monkeypatch.setattr("lossbasins.curvature.network.add_bending", lambda *_: None)
    with pytest.raises(InexactMatrixError, match="method='autodiff'"):
        hessian_matrix(objective)


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 6)
        self.last = nn.Linear(72, 3)

    def forward(self, inputs):
        return self.last(self.layer(torch.tanh(self.layer(inputs))).flatten(1))


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(72, 3)

    def forward(self, inputs):
        return self.layer(inputs.flatten(1)) if inputs.isfinite().all() else self.layer(-inputs.flatten(1))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(72, 4), nn.PReLU(), nn.Linear(4, 3)), r"the layer 2 \(PReLU\)"),
        (nn.Sequential(nn.Conv2d(2, 2, 3, groups=2), nn.Flatten(), nn.Linear(32, 3)), r"the layer 0 \(Conv2d\)"),
        (Twice(), r"layer \(Linear\) is used twice"),
        (nn.Sequential(nn.Flatten(2), nn.Linear(36, 3), nn.Flatten(), nn.Linear(6, 3)), r"0 \(Flatten\)"),
    ],
)
def test_layers_without_a_rule_are_named_and_taken_by_columns(model, message):
    objective = objective_of(model)
    with pytest.raises(UnsupportedLayerError, match=message):
        read_network(objective)
    found = hessian_matrix(objective, "structured")
    torch.testing.assert_close(found, double_backward_rows(objective), rtol=1e-10, atol=1e-14)


def test_functions_are_known_as_well_as_modules():
    class Functional(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(2, 3, 3, padding=1)
            self.last = nn.Linear(12, 3)

        def forward(self, inputs):
            hidden = F.max_pool2d(F.relu(self.first(inputs)), 3)
            hidden = F.leaky_relu(hidden, negative_slope=0.2) + torch.tanh(hidden)
            return self.last(torch.flatten(F.adaptive_avg_pool2d(F.silu(hidden), 2), 1))

    objective = objective_of(Functional())
    found = hessian_matrix(objective, "structured")
    torch.testing.assert_close(found, double_backward_rows(objective), rtol=1e-10, atol=1e-14)


def test_unknown_method():
    with pytest.raises(ValueError, match="'structured' or 'autodiff'"):
        hessian_matrix(objective_of(connected()), "fast")
