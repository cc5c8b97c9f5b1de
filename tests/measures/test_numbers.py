"""Measures against closed forms."""

import re

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from torch import nn

from lossbasins.curvature.autodiff import gradient_at
from lossbasins.data.tensors import Part
from lossbasins.measures.solution import Solution
from lossbasins.measures.surroundings import landscape_below
from lossbasins.models.initialisation import initialise
from lossbasins.specs.entries import InitSpec
from lossbasins.training.loop import draw_initial
from tests.measures.solutions import fitted, hessian_of, measured, with_spectrum


@pytest.fixture(scope="module")
def solution():
    return with_spectrum(fitted())


def test_adaptive_sharpness_of_a_small_step_is_that_of_the_quadratic(solution):
    bent = (hessian_of(solution).diagonal() * solution.objective.parameters.square()).sum()
    found = measured("adaptive_sharpness", solution, radius=1e-5, draws=4000)
    assert found.value == pytest.approx(float(bent) * 1e-10 / 2, abs=4 * found.standard_error)
    assert found.standard_error < 0.1 * found.value


def test_the_worst_step_is_that_of_the_quadratic_within_a_sphere(solution):
    parameters, radius = solution.objective.parameters, 0.02
    bent, vectors = torch.linalg.eigh(parameters[:, None] * hessian_of(solution) * parameters)
    slope = vectors.T @ (parameters * gradient_at(solution.objective, parameters, None))
    # The maximum is at z with (m - A) z = g and |z| = r, for one m above all eigenvalues.
    multiplier = brentq(
        lambda m: float((slope / (m - bent)).norm()) - radius, float(bent[-1]) + 1e-9, float(bent[-1]) + 1e3
    )
    point = slope / (multiplier - bent)
    exact = float(slope @ point + (bent * point.square()).sum() / 2)
    found = measured("adaptive_sharpness_worst", solution, radius=radius, steps=60)
    assert found.value == pytest.approx(exact, rel=0.05)
    assert found.gradients == 61


@pytest.mark.parametrize("hidden", [(), (8,), (8, 6)])
def test_fisher_rao_of_a_homogeneous_network(hidden):
    solution = fitted(hidden, bias=False)
    with torch.no_grad():
        outputs = solution.model(solution.train.inputs)
        p = outputs.softmax(dim=1)
        spread = (p * outputs.square()).sum(dim=1) - (p * outputs).sum(dim=1).square()
    depth = len(hidden) + 1
    assert measured("fisher_rao", solution).value == pytest.approx(depth**2 * float(spread.mean()), rel=1e-9)


def test_relative_flatness_of_a_linear_model_by_the_definition(solution):
    hessian, parameters = hessian_of(solution), solution.objective.parameters
    inputs, outputs = 8, 3
    start = len(parameters) - outputs - outputs * inputs
    total = 0.0
    for s in range(outputs):
        for t in range(outputs):
            rows, columns = start + s * inputs, start + t * inputs
            trace = sum(hessian[rows + i, columns + i] for i in range(inputs))
            total += parameters[rows : rows + inputs] @ parameters[columns : columns + inputs] * trace
    assert measured("relative_flatness", solution).value == pytest.approx(float(total), rel=1e-9)


def test_numbers_from_the_spectrum(solution):
    values = np.linalg.eigvalsh(hessian_of(solution).numpy())
    positive = values.clip(0)
    assert measured("largest_eigenvalue", solution).value == pytest.approx(values[-1])
    assert measured("trace", solution).value == pytest.approx(values.sum())
    relative = measured("relative_volume", solution, top=5).value
    assert relative == pytest.approx(np.log(values[-5:] * float(solution.objective.parameters.norm()) ** 2).sum())
    assert measured("log_inverse_volume", solution, top=5).value == pytest.approx(np.log(values[-5:]).sum())
    assert "eigenvalues are positive" in measured("log_inverse_volume", solution, top=1000).reason
    assert measured("soft_rank", solution, kappa=0.1).value == pytest.approx((positive / (positive + 0.1)).sum())


def test_the_quadratic_free_energy_is_a_determinant(solution):
    hessian = hessian_of(solution).numpy()
    sigma = np.concatenate([np.full(32, 2 / 4), np.full(8, 0.01), np.full(24, 2 / 8), np.full(3, 0.01)])
    values, vectors = np.linalg.eigh(np.sqrt(sigma)[:, None] * hessian * np.sqrt(sigma))
    exact = np.linalg.slogdet(np.eye(67) + 40 * vectors * values.clip(0) @ vectors.T)[1] / 2
    assert measured("quadratic_free_energy", solution).value == pytest.approx(exact, rel=1e-9)


def test_what_rays_see_counts_where_many_of_them_have_the_weight(solution):
    kept = measured("star_volume", solution, level=0.2, directions=400)
    hard = measured("subset_simulation", solution, level=0.2)
    assert kept.value > hard.value - 3 * np.hypot(kept.standard_error, hard.standard_error)
    assert kept.standard_error < 0.1
    left = measured("star_volume", fitted((8, 6)), level=0.2)
    assert np.isnan(left.value)
    assert re.fullmatch(r"\d.* of 60 rays have the weight", left.reason)


FEW = {"thermodynamic_integration": {"prior_scales": (1.0,), "temperatures": 4, "prior_draws": 20, "draws": 20}}


@pytest.mark.parametrize("name", ["thermodynamic_integration", "star_volume", "subset_simulation"])
def test_a_network_that_is_dead_is_sampled(name):
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU()).double()
    nn.init.zeros_(model[1].weight)
    nn.init.constant_(model[1].bias, -50)
    inputs = torch.ones(20, 1, 2, 2, dtype=torch.float64)
    dead = Solution(model.eval(), Part(inputs, torch.zeros(20, dtype=torch.int64)), seed=1)
    found = measured(name, dead, **FEW.get(name, {}))
    if name in FEW:
        assert (found["free_energy"] == 0).all()
    else:
        assert found.value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", ["thermodynamic_integration", "star_volume", "subset_simulation"])
def test_a_loss_that_overflows_is_above_all_levels(name):
    class Overflowing(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1, 1, dtype=torch.float64))

        def forward(self, inputs):
            value = inputs.flatten(1) @ self.weight
            shared = (800 * value**4).exp()
            return torch.cat([value + shared, shared - value], dim=1)

    inputs = torch.linspace(-1, 1, 20, dtype=torch.float64).reshape(20, 1, 1, 1)
    solution = Solution(Overflowing().eval(), Part(inputs, torch.zeros(20, dtype=torch.int64)), seed=1)
    landscape = landscape_below(solution, 0.02, torch.ones(1, dtype=torch.float64))
    assert landscape.excess_alone(torch.full((1,), 2.0, dtype=torch.float64)) == np.inf
    found = measured(name, solution, **FEW.get(name, {}))
    if name in FEW:
        assert np.isfinite(found["free_energy"]).all()
    else:
        assert np.isfinite(found.value)


def test_the_gauss_newton_trace_is_the_mean_square_of_the_model_s_own_gradients(solution):
    objective, total = solution.objective, 0.0
    for image in solution.train.inputs:
        jacobian = torch.autograd.functional.jacobian(
            lambda vector, image=image: objective.outputs_at(objective.split(vector), image[None])[0],
            objective.parameters,
        )
        p = objective.outputs_at(objective.split(objective.parameters), image[None])[0].softmax(0).detach()
        total += float((jacobian * ((torch.diag(p) - torch.outer(p, p)) @ jacobian)).sum())
    assert measured("gauss_newton_trace", solution).value == pytest.approx(total / 40, rel=1e-9)


def test_margin_and_input_gradient_and_path_norm_of_a_linear_model():
    model = nn.Sequential(nn.Flatten(), nn.Linear(2, 2)).double().eval()
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[1.0, 2.0], [0.0, -1.0]]))
        model[1].bias.copy_(torch.tensor([0.0, 3.0]))
    inputs = torch.tensor([[2.0, 3.0], [0.0, 0.0]]).double().reshape(2, 1, 1, 2)
    solution = Solution(model, Part(inputs, torch.tensor([0, 1])), seed=1)
    # Logits (8, 0) and (0, 3).
    assert measured("margin", solution, share=0).value == pytest.approx(3)
    assert measured("margin", solution, share=1).value == pytest.approx(8)
    assert measured("input_gradient", solution).value == pytest.approx(6**0.5)
    assert measured("path_norm", solution).value == pytest.approx((1 + 4 + 1 + 9) ** 0.5)


def test_noise_that_a_threshold_bears():
    # One weight decides: logits (w x, 0) with w = 1 are wrong once the noise is below -1.
    class Threshold(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1, dtype=torch.float64))

        def forward(self, inputs):
            value = (inputs.flatten(1) * self.weight).sum(dim=1)
            return torch.stack([value, 0 * value], dim=1)

    inputs = torch.ones(20, 1, 1, 1, dtype=torch.float64)
    solution = Solution(Threshold().eval(), Part(inputs, torch.zeros(20, dtype=torch.int64)), seed=1)
    found = measured("pac_bayes", solution, draws=400)
    # P(s z < -1) = 0.1 at s = 1 / 1.2816.
    assert found.value == pytest.approx(1.2816**2, abs=4 * found.standard_error)
    assert found.standard_error < 0.5


def test_nulls(solution):
    parameters = solution.objective.parameters
    assert measured("weight_norm", solution).value == pytest.approx(float(parameters.norm()))
    moved = Solution(solution.model, solution.train, 1, initial=(parameters - 0.5).float())
    assert measured("distance", moved).value == pytest.approx(0.5 * len(parameters) ** 0.5, rel=1e-6)
    assert measured("distance", solution).reason == "its initial parameters are not known"
    assert measured("training_loss", solution).value == pytest.approx(
        float(nn.functional.cross_entropy(solution.model(solution.train.inputs), solution.train.labels).detach())
    )


def test_training_begins_where_the_distance_is_taken_from():
    first, second = nn.Linear(3, 2), nn.Linear(3, 2)
    draw_initial(first, InitSpec(), 7)
    draw_initial(second, InitSpec(), 7)
    assert torch.equal(first.weight, second.weight)
    initialise(second, InitSpec(), torch.Generator().manual_seed(7))
    assert not torch.equal(first.weight, second.weight)
