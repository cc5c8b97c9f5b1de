import math

import numpy as np
import pytest
import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from lossbasins.data.parity import Points
from lossbasins.experiments.two_layer.fit import Attack, accuracy, fit, gradient_norm, half_square, new_net
from lossbasins.experiments.two_layer.theorem import ACTIVATIONS


@pytest.fixture
def train():
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(12, 3, generator=generator, dtype=torch.float64)
    return Points(inputs, inputs[:, :1].sign())


def outputs(net, points):
    with torch.no_grad():
        return net(points.inputs).numpy()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_training_stops_once_the_target_is_met(train, activation):
    net = new_net(3, 10, activation, seed=0)
    assert half_square(net, train).item() > 0.05
    assert fit(net, train, None, target_loss=1e-4, steps=500) == "ok"
    loss = ((outputs(net, train) - train.targets.numpy()) ** 2).sum() / (2 * 12)
    assert loss <= 1e-4
    assert half_square(net, train).item() == pytest.approx(loss, rel=1e-12)
    assert accuracy(net, train) == 1


@pytest.mark.parametrize("weight", [0.25, 2.0])
def test_the_objective_adds_the_attack_with_its_weight(train, weight):
    """Where training and attack points want opposite outputs, the best are (1 - gamma) / (1 + gamma) times y."""
    net = new_net(3, 40, "tanh", seed=0)
    attack = Attack(Points(train.inputs, -train.targets), weight)
    assert fit(net, train, attack, target_loss=1e-9, steps=2000) == "not_fitted"
    best = (1 - weight) / (1 + weight)
    np.testing.assert_allclose(outputs(net, train), best * train.targets, atol=1e-4)
    assert accuracy(net, train) == (weight < 1)


def test_too_few_steps_do_not_fit(train):
    assert fit(new_net(3, 10, "tanh", seed=0), train, None, target_loss=1e-9, steps=1) == "not_fitted"


def test_a_loss_that_is_not_finite_has_diverged(train):
    spoilt = Points(train.inputs, torch.full_like(train.targets, math.nan))
    assert fit(new_net(3, 10, "tanh", seed=0), spoilt, None, target_loss=1e-3, steps=5) == "diverged"


def test_all_activations_start_at_the_same_draws_and_other_seeds_at_others():
    starts = {name: parameters_to_vector(new_net(3, 4, name, seed=5).parameters()) for name in ACTIVATIONS}
    assert all(torch.equal(start, starts["tanh"]) for start in starts.values())
    assert not torch.equal(parameters_to_vector(new_net(3, 4, "tanh", seed=6).parameters()), starts["tanh"])


def test_the_gradient_norm_is_that_of_central_differences(train):
    net = new_net(3, 4, "softplus", seed=2)
    start, step = parameters_to_vector(net.parameters()).detach(), 1e-5
    slopes = []
    for direction in torch.eye(len(start), dtype=torch.float64):
        losses = []
        for sign in (1, -1):
            vector_to_parameters(start + sign * step * direction, net.parameters())
            losses.append(half_square(net, train).item())
        slopes.append((losses[0] - losses[1]) / (2 * step))
    vector_to_parameters(start, net.parameters())
    assert gradient_norm(net, train) == pytest.approx(np.linalg.norm(slopes), rel=1e-7)
