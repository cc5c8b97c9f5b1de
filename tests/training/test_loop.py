import contextlib
import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.data.tensors import Part
from lossbasins.models.registry import build_model
from lossbasins.specs.entries import InitSpec, ModelSpec, OptimizerSpec
from lossbasins.training.evaluation import loss_and_accuracy
from lossbasins.training.loop import Epoch, Replica, start_training
from lossbasins.training.objective import Problem
from lossbasins.training.routes import ROUTES
from tests.training.graphs import pretend_graphs
from tests.training.problems import problem

METHODS = ["sgd", "momentum", "adam", "rmsprop"]
STACKED = [route for route in ROUTES if not route.endswith("single")]
MLENET = ModelSpec(architecture="mlenet")
FNN = ModelSpec(architecture="fnn", options={"hidden": [8]})


def started(data, seeds, *, route="single", **choices):
    choices = {"method": "sgd", "learning_rate": 0.05, "batch": 16, "epochs": 30, "target_loss": 0.01} | choices
    replicas = {number: Replica(build_model(FNN, (1, 4, 4), 3), InitSpec(), seed) for number, seed in enumerate(seeds)}
    return start_training(replicas, data, OptimizerSpec(**choices), route=route)


def finish(training):
    while training.live:
        training.advance()
    return training


def model_of(training, replica=0):
    model = build_model(FNN, (1, 4, 4), 3)
    model.load_state_dict(training.finished[replica])
    return model


def trained(data, seed=7, **choices):
    training = finish(started(data, [seed], **choices))
    return model_of(training), training.history


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
    assert [epoch.stop for epoch in epochs[-2:]] == [None, "fitted"]
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
    assert epochs[-1].stop == "limit"


def test_a_diverged_replica_stops_at_once_and_says_so():
    _, epochs = trained(problem(), learning_rate=1e30, epochs=400)
    assert not math.isfinite(epochs[-1].train_loss)
    assert epochs[-1].stop == "diverged"
    assert len(epochs) < 10


def test_a_replica_whose_objective_falls_no_more_stops_as_stuck():
    _, epochs = trained(problem(), learning_rate=1e-12, epochs=400, stuck=7)
    assert epochs[-1].stop == "stuck"
    assert len(epochs) == 8


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


def test_lbfgs_on_full_batches_needs_few_epochs():
    _, epochs = trained(problem(), method="lbfgs", batch="full", learning_rate=1.0, epochs=100)
    assert epochs[-1].stop == "fitted"
    assert len(epochs) < 60


def test_mixed_precision_only_rounds():
    (_, exact), (_, rounded) = (trained(problem(), epochs=1, mixed_precision=mixed) for mixed in (False, True))
    assert exact[0].train_loss != rounded[0].train_loss
    assert exact[0].train_loss == pytest.approx(rounded[0].train_loss, rel=0.02)


@pytest.fixture
def computed(request):
    """A route; those of graphs on a pretend GPU."""
    with pretend_graphs() if request.param.startswith("graph") else contextlib.nullcontext():
        yield request.param


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("computed", STACKED, indirect=True)
def test_stacked_replicas_are_those_trained_one_by_one_within_rounding(method, computed):
    data, seeds = problem(0.1), [3, 4, 5]
    stacked = finish(started(data, seeds, route=computed, method=method, epochs=4, learning_rate=0.01))
    for replica, seed in enumerate(seeds):
        alone = finish(started(data, [seed], method=method, epochs=4, learning_rate=0.01))
        # Four epochs of float32 rounding, in another order of summation.
        for name, values in alone.finished[0].items():
            torch.testing.assert_close(stacked.finished[replica][name], values, rtol=1e-4, atol=1e-5)
        mine = [epoch for epoch in stacked.history if epoch.replica == replica]
        for one, other in zip(mine, alone.history, strict=True):
            assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4)
            assert one.attack_loss == pytest.approx(other.attack_loss, rel=1e-4)


@pytest.mark.parametrize("computed", STACKED, indirect=True)
def test_stacked_replicas_end_like_those_trained_one_by_one(computed):
    data, seeds = problem(), list(range(24))
    stacked = finish(started(data, seeds, route=computed, epochs=300))
    alone = [finish(started(data, [seed], epochs=300)).history[-1] for seed in seeds]
    together = sorted((epoch for epoch in stacked.history if epoch.stop), key=lambda epoch: epoch.replica)
    assert [epoch.stop for epoch in together] == [epoch.stop for epoch in alone]
    # Rounding may move the epoch at which a replica fits, but not far.
    assert np.mean([epoch.epoch for epoch in together]) == pytest.approx(np.mean([e.epoch for e in alone]), rel=0.05)


def test_replicas_of_other_initialisations_are_one_stack():
    inits = [InitSpec(distribution="uniform", gain=1.0), InitSpec(fan="average")]
    replicas = {number: Replica(build_model(FNN, (1, 4, 4), 3), init, 7) for number, init in enumerate(inits)}
    choices = OptimizerSpec(method="sgd", learning_rate=0.05, batch=16, epochs=2)
    stacked = finish(start_training(replicas, problem(), choices, route="vmap"))
    for number, init in enumerate(inits):
        replica = {0: Replica(build_model(FNN, (1, 4, 4), 3), init, 7)}
        alone = finish(start_training(replica, problem(), choices, route="single"))
        for name, values in alone.finished[0].items():
            torch.testing.assert_close(stacked.finished[number][name], values, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("computed", STACKED, indirect=True)
def test_a_stacked_replica_that_diverges_costs_the_others_nothing(computed):
    data = problem()
    alone, both = (started(data, seeds, route=computed, epochs=5, target_loss=0.0) for seeds in ([2], [1, 2]))
    with torch.no_grad():
        both._networks.parameters()[0][0] = math.nan
    finish(alone)
    finish(both)
    assert [epoch.stop for epoch in both.history if epoch.replica == 0] == ["diverged"]
    for name, values in alone.finished[0].items():
        torch.testing.assert_close(both.finished[1][name], values)


def restorable(method, route):
    seeds = [3] if route.endswith("single") else [3, 4, 5]
    choices = {"method": method, "route": route, "epochs": 60, "target_loss": 0.3}
    choices |= {"batch": "full", "learning_rate": 0.5} if method == "lbfgs" else {"learning_rate": 0.02}
    return seeds, choices


@pytest.mark.parametrize(
    ("method", "computed"), [*itertools.product(METHODS, ROUTES), ("lbfgs", "single")], indirect=["computed"]
)
def test_a_restored_training_ends_with_the_same_bits(method, computed):
    seeds, choices = restorable(method, computed)
    whole = finish(started(problem(0.02), seeds, **choices))
    ends = sorted(epoch.epoch for epoch in whole.history if epoch.stop)
    assert ends[0] < 60
    for stop in {1, ends[0] - 1, ends[0], ends[-1] - 1} - {0}:
        cut, rest = started(problem(0.02), seeds, **choices), started(problem(0.02), seeds, **choices)
        for _ in range(stop):
            if cut.live:
                cut.advance()
        rest.restore(cut.state())
        finish(rest)
        assert [Epoch(*values) for values in rest.result()["history"]] == whole.history
        for replica, values in whole.finished.items():
            assert all(torch.equal(rest.finished[replica][name], value) for name, value in values.items())


@pytest.mark.parametrize("method", METHODS)
def test_some_of_the_replicas_of_a_state_go_on_without_the_others(method):
    data, seeds = problem(0.02), [3, 4, 5]
    choices = {"method": method, "route": "vmap", "epochs": 6, "target_loss": 0.0, "learning_rate": 0.02}
    whole, cut = started(data, seeds, **choices), started(data, seeds, **choices)
    for _ in range(3):
        cut.advance()
    finish(whole)
    part = start_training(
        {number: Replica(build_model(FNN, (1, 4, 4), 3), InitSpec(), seeds[number]) for number in (0, 2)},
        data,
        OptimizerSpec(**{name: value for name, value in choices.items() if name != "route"} | {"batch": 16}),
        route="vmap",
    )
    part.restore(cut.state())
    finish(part)
    assert sorted(part.finished) == [0, 2]
    for replica, values in part.finished.items():
        mine, theirs = ([e for e in training.history if e.replica == replica] for training in (part, whole))
        assert [epoch.epoch for epoch in mine] == [epoch.epoch for epoch in theirs] == list(range(1, 7))
        for name, value in values.items():
            torch.testing.assert_close(value, whole.finished[replica][name], rtol=1e-4, atol=1e-5)


def test_a_step_of_a_stack_of_convolutions_falls_back_nowhere(recwarn):
    pictures = Part(torch.randn(8, 1, 28, 28, generator=torch.Generator().manual_seed(1)), torch.arange(8))
    replicas = {number: Replica(build_model(MLENET, (1, 28, 28), 10), InitSpec(), number) for number in range(2)}
    choices = OptimizerSpec(method="sgd", learning_rate=0.1, batch=4, epochs=2)
    finish(start_training(replicas, Problem(pictures, None, 0.0), choices, route="vmap"))
    assert [str(warning.message) for warning in recwarn] == []


def test_convolutions_of_volumes_train():
    inputs = torch.randn(12, 1, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    data = Problem(Part(inputs, torch.arange(12) % 3), None, 0.0)
    model = nn.Sequential(nn.Conv3d(1, 8, 2), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 27, 3))
    choices = OptimizerSpec(method="momentum", learning_rate=0.02, batch=4, epochs=60, target_loss=0.05)
    training = finish(start_training({0: Replica(model, InitSpec(), 3)}, data, choices, route="single"))
    assert training.history[-1].stop == "fitted"
