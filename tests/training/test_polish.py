import copy
import math

import numpy as np
import pytest
import torch
from scipy import optimize
from torch import nn

from lossbasins.data.tensors import Part
from lossbasins.specs.polish import PolishChoices
from lossbasins.training.polish import TOLERANCE, polish

IMAGES = 300  # more than two chunks
METHODS = [{"method": "lbfgs"}, {"method": "momentum", "learning_rate": 0.5}]


@pytest.fixture
def part():
    generator = torch.Generator().manual_seed(1)
    labels = torch.randint(4, (IMAGES,), generator=generator)  # not separable, so that L_S has a minimum
    return Part(torch.randn(IMAGES, 1, 2, 3, generator=generator, dtype=torch.float64), labels)


@pytest.fixture
def linear():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 4)).double()


def choices(target, **changes):
    return PolishChoices(**{"target": target, "limit": 3000} | changes)


def position(model):
    return np.concatenate([values.detach().numpy().ravel() for values in model.parameters()])


def loss_and_gradient(position, part):
    """In closed form."""
    inputs, labels = part.inputs.flatten(1).numpy(), part.labels.numpy()
    weight, bias = position[:24].reshape(4, 6), position[24:]
    exponentials = np.exp(inputs @ weight.T + bias)
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    residual = (probabilities - np.eye(4)[labels]) / IMAGES
    loss = -np.log(probabilities[np.arange(IMAGES), labels]).mean()
    return loss, np.concatenate([(residual.T @ inputs).ravel(), residual.sum(axis=0)])


def lowest_loss(part):
    return optimize.minimize(loss_and_gradient, np.zeros(28), args=(part,), jac=True, options={"gtol": 1e-9}).fun


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method["method"])
def test_the_minimum_is_the_one_that_scipy_finds(linear, part, method):
    polished = polish(linear, part, choices({"gradient_norm": 1e-7}, **method))
    loss, gradient = loss_and_gradient(position(linear), part)
    assert polished.status == "reached"
    assert np.linalg.norm(gradient) <= 1e-7
    assert loss == pytest.approx(lowest_loss(part), rel=1e-10)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method["method"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_target_loss_is_landed_on(linear, part, method, share):
    start = position(linear)
    first, lowest = loss_and_gradient(start, part)[0], lowest_loss(part)
    target = first + share * (lowest - first)
    polished = polish(linear, part, choices({"loss": target}, **method))
    assert polished.status == "reached"
    assert (1 - TOLERANCE) * target <= loss_and_gradient(position(linear), part)[0] <= target * (1 + 1e-12)
    assert polished.distance == pytest.approx(np.linalg.norm(position(linear) - start), rel=1e-12)


def test_the_trace_starts_at_the_start_and_counts_gradients(linear, part):
    loss, gradient = loss_and_gradient(position(linear), part)
    reported = []
    polished = polish(linear, part, choices({"gradient_norm": 1e-3}), reported.append)
    assert polished.trace[0] == (1, pytest.approx(loss, rel=1e-12), pytest.approx(np.linalg.norm(gradient), rel=1e-12))
    assert polished.trace[1:] == reported
    counts = [iterate.gradients for iterate in polished.trace]
    assert counts == sorted(set(counts))
    assert counts[-1] == polished.gradients


@pytest.mark.parametrize("target", [{"loss": 100.0}, {"gradient_norm": 100.0}])
def test_a_solution_below_its_target_is_left_as_it_is(linear, part, target):
    before = copy.deepcopy(linear.state_dict())
    polished = polish(linear, part, choices(target))
    assert (polished.status, polished.gradients, polished.distance) == ("below_target", 1, 0)
    assert all(values.equal(before[name]) for name, values in linear.state_dict().items())


def test_a_line_search_that_can_do_no_more_ends_at_the_minimum(linear, part):
    lowest = lowest_loss(part)
    polished = polish(linear, part, choices({"loss": 0.9 * lowest}))
    assert polished.status == "not_reached"
    assert polished.gradients < 3000
    assert loss_and_gradient(position(linear), part)[0] == pytest.approx(lowest, rel=1e-12)


@pytest.mark.parametrize("limit", [1, 2, 7])
@pytest.mark.parametrize("learning_rate", [1.0, 60.0])
@pytest.mark.parametrize("method", ["lbfgs", "momentum"])
def test_the_limit_is_kept_and_the_best_iterate_too(linear, part, limit, learning_rate, method):
    polished = polish(linear, part, choices({"loss": 1e-3}, method=method, learning_rate=learning_rate, limit=limit))
    assert polished.status == "not_reached"
    assert polished.gradients == limit
    best = min(iterate.train_loss for iterate in polished.trace)
    assert loss_and_gradient(position(linear), part)[0] == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("at_the_start", [True, False])
def test_what_is_not_finite_is_left_as_it_was_at_the_start(linear, part, at_the_start):
    if at_the_start:
        with torch.no_grad():
            linear[1].bias[0] = math.nan
    before = position(linear)
    polished = polish(linear, part, choices({"loss": 1e-3}, method="momentum", learning_rate=1e308))
    assert polished.status == "diverged"
    assert polished.gradients == (1 if at_the_start else 2)
    np.testing.assert_array_equal(position(linear), before)


def test_the_buffers_of_batch_norm_stay(part):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 4)).double()
    model(part.inputs)
    before = {name: values.clone() for name, values in model.named_buffers()}
    assert polish(model, part, choices({"loss": 1.3})).status == "reached"
    assert all(values.equal(before[name]) for name, values in model.named_buffers())
