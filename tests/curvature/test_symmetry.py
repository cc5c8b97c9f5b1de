"""Second derivatives of torch that are wrong, missing or not finite."""

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from lossbasins.curvature import (
    AsymmetryError,
    DifferentiationError,
    HessianOperator,
    Objective,
    frobenius_squared,
    hessian_matrix,
    spectral_density,
    top_eigenpairs,
)

CALLS = {
    "matrix": hessian_matrix,
    "operator": HessianOperator,
    "norm": frobenius_squared,
    "density": spectral_density,
    "top": lambda objective: top_eigenpairs(objective, 1, method="lanczos"),
}


class WronglyCubed(torch.autograd.Function):
    """x^3, with half of the right second derivative on one side."""

    @staticmethod
    def forward(context, x, w):
        context.save_for_backward(x, w)
        return x * w**3

    @staticmethod
    def backward(context, gradient):
        x, w = context.saved_tensors
        return gradient * (w**3).detach(), (gradient * x * 3 * w**2).sum(0)


class Scaled(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.layer = nn.Linear(4, 3)
        self.scale = nn.Parameter(torch.ones(3))
        self.function = function

    def forward(self, inputs):
        return self.function(self.layer(inputs), self.scale)


def objective_of(model, dtype=torch.float64):
    torch.manual_seed(0)
    return Objective(model.to(dtype).eval(), torch.randn(9, 4).to(dtype), torch.randint(0, 3, (9,)))


@pytest.mark.parametrize("call", CALLS)
def test_an_asymmetric_second_derivative_is_an_error_that_names_it(call):
    objective = objective_of(Scaled(WronglyCubed.apply))
    with pytest.raises(AsymmetryError, match=r"scale.*WronglyCubedBackward") as error:
        CALLS[call](objective)
    assert "layer." in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_weight_norm_of_torch_is_named(call, dtype):
    objective = objective_of(nn.Sequential(weight_norm(nn.Linear(4, 5)), nn.Tanh(), nn.Linear(5, 3)), dtype)
    with pytest.raises(AsymmetryError, match="WeightNormInterfaceBackward0"):
        CALLS[call](objective)


@pytest.mark.parametrize("call", CALLS)
def test_a_second_derivative_that_torch_lacks_is_one_line(call):
    class Once(torch.autograd.Function):
        @staticmethod
        def forward(context, x, w):
            context.save_for_backward(x, w)
            return x * w

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(context, gradient):
            x, w = context.saved_tensors
            return gradient * w, (gradient * x).sum(0)

    with pytest.raises(DifferentiationError, match="no second derivative") as error:
        CALLS[call](objective_of(Scaled(Once.apply)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("call", CALLS)
def test_a_second_derivative_that_is_not_finite_is_an_error(call):
    objective = objective_of(Scaled(lambda values, scale: values * (scale - 1).abs().pow(1.5)))
    with pytest.raises(AsymmetryError, match="not finite"):
        CALLS[call](objective)


def test_rounding_in_float32_says_so():
    def cancelling(values, scale):
        return values * scale + 1e5 * (scale.sin() ** 2 + scale.cos() ** 2 - 1) * values.pow(3)

    objective = objective_of(Scaled(cancelling), torch.float32)
    with pytest.raises(AsymmetryError, match=r"use objective.to\(torch.float64\)"):
        hessian_matrix(objective, "autodiff")


def test_it_is_looked_at_once(monkeypatch):
    objective = objective_of(nn.Linear(4, 3))
    HessianOperator(objective)
    monkeypatch.setattr("lossbasins.curvature.symmetry.Graph", None)
    HessianOperator(objective)
