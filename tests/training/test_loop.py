import math

import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.models.registry import build_model
from lossbasins.specs.entries import InitSpec, ModelSpec, OptimizerSpec
from lossbasins.training.evaluation import loss_and_accuracy
from lossbasins.training.loop import train
from tests.training.problems import problem

METHODS = ["sgd", "momentum", "adam"]


def trained(data, seed=7, **choices):
    choices = {"method": "sgd", "learning_rate": 0.05, "batch": 16, "epochs": 30, "target_loss": 0.01} | choices
    model = build_model(ModelSpec(architecture="fnn", options={"hidden": [8]}), (1, 4, 4), 3)
    epochs = train(model, data, InitSpec(), OptimizerSpec(**choices), seed, report=lambda _: None)
    return model, epochs


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(method):
    (one, epochs), (again, epochs_again), (other, _) = (trained(problem(0.1), s, method=method) for s in (1, 1, 2))
    assert epochs == epochs_again
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), again.parameters(), strict=True))
    assert not torch.equal(one[1].weight, other[1].weight)


def test_the_random_state_of_torch_does_not_matter():
    torch.manual_seed(0)
    one, _ = trained(problem(0.1))
    torch.manual_seed(1)
    again, _ = trained(problem(0.1))
    assert torch.equal(one[1].weight, again[1].weight)


@pytest.mark.parametrize("method", METHODS)
def test_it_stops_at_the_epoch_that_fits(method):
    data = problem()
    model, epochs = trained(data, method=method, epochs=400, learning_rate=0.02)
    assert [epoch.train_accuracy == 1 and epoch.train_loss <= 0.01 for epoch in epochs[-2:]] == [False, True]
    loss, accuracy = loss_and_accuracy(model, data.train)
    assert loss <= 0.01
    assert accuracy == 1


def test_patience_asks_for_epochs_on_end():
    _, epochs = trained(problem(), epochs=400, patience=5)
    assert [epoch.train_loss <= 0.01 for epoch in epochs[-6:]] == [False, True, True, True, True, True]


def test_an_epoch_records_the_means_over_its_batches_before_their_steps():
    data = problem(0.5)
    _, (epoch,) = trained(data, epochs=1, batch="full", learning_rate=1e-30)
    untouched, _ = trained(data, epochs=1, batch="full", learning_rate=1e-30)
    expected = (*loss_and_accuracy(untouched, data.train), *loss_and_accuracy(untouched, data.attack))
    found = (epoch.train_loss, epoch.train_accuracy, epoch.attack_loss, epoch.attack_accuracy)
    assert found == pytest.approx(expected, rel=1e-6)


def test_it_stops_at_the_limit_where_it_does_not_fit():
    _, epochs = trained(problem(), epochs=3, target_loss=0.0)
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3]


def test_a_diverged_replica_stops_at_once_and_says_so():
    _, epochs = trained(problem(), learning_rate=1e30, epochs=400)
    assert not math.isfinite(epochs[-1].train_loss)
    assert len(epochs) < 10


def test_one_full_batch_step_is_gradient_descent():
    data = problem(0.5)
    model, _ = trained(data, epochs=1, batch="full", learning_rate=0.1)
    start, _ = trained(data, epochs=1, batch="full", learning_rate=1e-30)
    cross_entropy = nn.functional.cross_entropy
    loss = cross_entropy(start(data.train.inputs), data.train.labels)
    loss = loss + 0.5 * cross_entropy(start(data.attack.inputs), data.attack.labels)
    gradients = torch.autograd.grad(loss, list(start.parameters()))
    for after, before, gradient in zip(model.parameters(), start.parameters(), gradients, strict=True):
        np.testing.assert_allclose(
            after.detach().numpy(), (before - 0.1 * gradient).detach().numpy(), rtol=1e-5, atol=1e-7
        )


def test_the_cosine_schedule_ends_at_nothing():
    _, epochs = trained(problem(), schedule="cosine", epochs=10, learning_rate=0.2, target_loss=0.0)
    expected = [0.1 * (1 + math.cos(math.pi * epoch / 10)) for epoch in range(10)]
    np.testing.assert_allclose([epoch.learning_rate for epoch in epochs], expected, rtol=1e-12)
