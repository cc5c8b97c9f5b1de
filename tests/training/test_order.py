import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lossbasins.training.order import StepOrders, generator_of, step_sizes
from tests.training.problems import problem


def orders(data, batch, trains=(0,), attacks=(1,)):
    return StepOrders(data, batch, *(list(map(np.random.SeedSequence, seeds)) for seeds in (trains, attacks)))


def epoch_of(data, batch, train=0, attack=1):
    """The first epoch of one replica."""
    return orders(data, batch, [train], [attack]).epoch()[0]


def parts(data, batch, flat):
    """Training and attack positions of each step."""
    steps = flat.split([sum(sizes) for sizes in step_sizes(data, batch)])
    return [(step[:trained], step[trained:]) for step, (trained, _) in zip(steps, step_sizes(data, batch), strict=True)]


@given(size=st.integers(1, 60), train=st.integers(1, 50), attack=st.integers(1, 50))
@settings(deadline=None, max_examples=40)
def test_an_epoch_takes_every_training_image_once_and_spreads_the_attack_evenly(size, train, attack):
    data = problem(attack_weight=0.5, train=train, attack=attack)
    steps = orders(data, size)
    taken = torch.zeros(attack, dtype=torch.int64)
    for _ in range(6):
        epoch = parts(data, size, steps.epoch()[0])
        assert [len(trained) for trained, _ in epoch] == [min(size, train - size * step) for step in range(len(epoch))]
        assert sorted(torch.cat([trained for trained, _ in epoch]).tolist()) == list(range(train))
        for _, attacked in epoch:
            assert len(attacked) == min(size, attack)
            taken += torch.bincount(attacked - train, minlength=attack)
    # Every image is taken once before any is taken again, up to the piece left over between two passes.
    assert taken.max() - taken.min() <= 2


def test_a_full_batch_takes_all_of_both():
    data = problem(0.3, train=48, attack=20)
    assert step_sizes(data, "full") == [(48, 20)]
    assert sorted(epoch_of(data, "full").tolist()) == list(range(68))


def test_the_order_of_each_set_has_its_own_stream():
    data = problem(0.5)
    (base, base_attack), *_ = parts(data, 8, epoch_of(data, 8))
    (without, _), *_ = parts(problem(), 8, epoch_of(problem(), 8))
    (other, _), *_ = parts(data, 8, epoch_of(data, 8, train=5))
    (same, other_attack), *_ = parts(data, 8, epoch_of(data, 8, attack=5))
    assert torch.equal(base, without)
    assert torch.equal(base, same)
    assert not torch.equal(base, other)
    assert not torch.equal(base_attack, other_attack)


def test_a_replica_s_order_is_its_generator_s_whichever_others_there_are():
    data = problem(0.5, train=48, attack=20)
    together = orders(data, 12, [5, 6, 7], [8, 9, 10])
    drawn = torch.stack([together.epoch(), together.epoch()])
    train, attack = (generator_of(np.random.SeedSequence(seed)) for seed in (6, 9))
    passes = torch.cat([torch.randperm(20, generator=attack) for _ in range(5)])
    for epoch in range(2):
        steps = parts(data, 12, drawn[epoch, 1])
        assert torch.equal(torch.cat([trained for trained, _ in steps]), torch.randperm(48, generator=train))
        taken = passes[48 * epoch : 48 * (epoch + 1)]
        assert torch.equal(torch.cat([attacked for _, attacked in steps]) - 48, taken)


@pytest.mark.parametrize("epochs", [0, 1, 3])
def test_restored_orders_go_on_as_those_that_were_saved(epochs):
    data = problem(0.5, attack=17)
    first, second = orders(data, 5, [1, 2, 3], [4, 5, 6]), orders(data, 5, [8, 9], [8, 9])
    for _ in range(epochs):
        first.epoch()
    second.restore(first.state(), [2, 0])
    first.keep([2, 0])
    for _ in range(3):
        assert torch.equal(first.epoch(), second.epoch())
