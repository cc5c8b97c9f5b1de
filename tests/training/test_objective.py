from itertools import islice

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lossbasins.training.objective import batches
from tests.training.problems import problem


@given(size=st.integers(1, 60), train=st.integers(1, 50), attack=st.integers(1, 50))
@settings(deadline=None, max_examples=40)
def test_an_epoch_takes_every_training_image_once_and_spreads_the_attack_evenly(size, train, attack):
    data = problem(attack_weight=0.5, train=train, attack=attack)
    epochs = list(islice(batches(data, size, *orders()), 6))
    rows = {tuple(image.flatten().tolist()): index for index, image in enumerate(data.attack.inputs)}
    taken = torch.zeros(attack, dtype=torch.int64)
    for steps in epochs:
        assert [batch.trained for batch in steps] == [min(size, train - size * step) for step in range(len(steps))]
        seen = torch.cat([batch.inputs[: batch.trained] for batch in steps])
        assert sorted(seen.flatten(1).tolist()) == sorted(data.train.inputs.flatten(1).tolist())
        for batch in steps:
            attacked = batch.inputs[batch.trained :]
            assert len(attacked) == min(size, attack)
            for image in attacked:
                taken[rows[tuple(image.flatten().tolist())]] += 1
    # Every image is taken once before any is taken again, up to the piece left over between two passes.
    assert taken.max() - taken.min() <= 2


@pytest.mark.parametrize("attack_weight", [0.0, 0.3])
def test_the_weighted_sum_of_a_full_batch_is_the_sum_of_the_two_means(attack_weight):
    data = problem(attack_weight)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    (batch,) = next(batches(data, 48, *orders()))
    value = batch.weights @ nn.functional.cross_entropy(model(batch.inputs), batch.labels, reduction="none")
    expected = nn.functional.cross_entropy(model(data.train.inputs), data.train.labels)
    if data.attack:
        attack = nn.functional.cross_entropy(model(data.attack.inputs), data.attack.labels)
        expected = expected + attack_weight * attack
    torch.testing.assert_close(value, expected)


def test_the_order_of_each_set_has_its_own_generator():
    data = problem(0.5)
    base, other_attack = next(batches(data, 8, *orders())), next(batches(data, 8, *orders(attack=5)))
    without = next(batches(problem(), 8, *orders()))
    assert torch.equal(base[0].inputs[:8], without[0].inputs)
    assert torch.equal(base[0].inputs[:8], other_attack[0].inputs[:8])
    assert not torch.equal(base[0].inputs[8:], other_attack[0].inputs[8:])
    assert not torch.equal(base[0].inputs[:8], next(batches(data, 8, *orders(train=5)))[0].inputs[:8])


def orders(train=0, attack=1):
    return torch.Generator().manual_seed(train), torch.Generator().manual_seed(attack)
