import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lossbasins.training.order import StepOrder, step_sizes
from tests.training.problems import problem


def order(data, batch, train=0, attack=1):
    return StepOrder(data, batch, np.random.SeedSequence(train), np.random.SeedSequence(attack))


def parts(data, batch, flat):
    """Training and attack positions of each step."""
    steps = flat.split([sum(sizes) for sizes in step_sizes(data, batch)])
    return [(step[:trained], step[trained:]) for step, (trained, _) in zip(steps, step_sizes(data, batch), strict=True)]


@given(size=st.integers(1, 60), train=st.integers(1, 50), attack=st.integers(1, 50))
@settings(deadline=None, max_examples=40)
def test_an_epoch_takes_every_training_image_once_and_spreads_the_attack_evenly(size, train, attack):
    data = problem(attack_weight=0.5, train=train, attack=attack)
    steps = order(data, size)
    taken = torch.zeros(attack, dtype=torch.int64)
    for _ in range(6):
        epoch = parts(data, size, steps.epoch())
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
    assert sorted(order(data, "full").epoch().tolist()) == list(range(68))


def test_the_order_of_each_set_has_its_own_stream():
    data = problem(0.5)
    (base, base_attack), *_ = parts(data, 8, order(data, 8).epoch())
    (without, _), *_ = parts(problem(), 8, order(problem(), 8).epoch())
    (other, _), *_ = parts(data, 8, order(data, 8, train=5).epoch())
    (same, other_attack), *_ = parts(data, 8, order(data, 8, attack=5).epoch())
    assert torch.equal(base, without)
    assert torch.equal(base, same)
    assert not torch.equal(base, other)
    assert not torch.equal(base_attack, other_attack)


@pytest.mark.parametrize("epochs", [0, 1, 3])
def test_a_restored_order_goes_on_as_the_one_that_was_saved(epochs):
    data = problem(0.5, attack=17)
    first, second = order(data, 5), order(data, 5, train=8, attack=9)
    for _ in range(epochs):
        first.epoch()
    second.restore(first.state())
    for _ in range(3):
        assert torch.equal(first.epoch(), second.epoch())
