import pytest
import torch

from lossbasins.experiments.guess_and_check.descent import descend
from tests.experiments.guess_and_check.tasks import fit

ONE = fit(6)
STARTS = torch.randn(4, ONE.nets.parameters, generator=torch.Generator().manual_seed(1))
METHODS = {"adam": (torch.optim.Adam, 0.02), "sgd": (torch.optim.SGD, 0.2)}


def never(vectors):
    return torch.zeros(len(vectors), dtype=torch.bool)


def trained_alone(start, method, steps):
    """Torch's optimizer on the weights of one network."""
    kind, rate = METHODS[method]
    parts = [weights.clone().requires_grad_() for weights in ONE.nets.layers(start[None])]
    optimizer = kind(parts, lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        ONE.loss(ONE.nets.vectors(parts)).sum().backward()
        optimizer.step()
    return ONE.nets.vectors(parts).detach()[0]


@pytest.mark.parametrize("method", METHODS)
def test_networks_train_as_each_would_alone_and_stay_as_they_were_when_they_got_there(method):
    rate = METHODS[method][1]
    calls = []

    def after_their_numbers(vectors):
        """Network k is where it should be after 5 k steps."""
        calls.append(vectors)
        return torch.arange(len(vectors)) * 5 <= len(calls) - 1

    found, done = descend(ONE, STARTS, method, rate, 50, after_their_numbers)
    assert done.all()
    assert len(calls) == 16
    for number, start in enumerate(STARTS):
        torch.testing.assert_close(found[number], trained_alone(start, method, 5 * number), rtol=1e-4, atol=1e-5)


def test_the_loss_falls():
    found, done = descend(ONE, STARTS, "adam", 0.02, 3000, lambda vectors: ONE.loss(vectors) < 0.05)
    assert done.any()
    assert (ONE.loss(found[done]) < 0.05).all()


def test_what_does_not_get_there_says_so():
    found, done = descend(ONE, STARTS, "sgd", 0.1, 3, never)
    assert not done.any()
    assert torch.equal(found, STARTS)
