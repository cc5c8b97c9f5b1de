"""Batches that are read anew for each pass, against double backward on all samples at once."""

import weakref
from collections import OrderedDict

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, RandomSampler, TensorDataset

from lossbasins.curvature import (
    HessianOperator,
    Objective,
    frobenius_squared,
    ggn_matrix,
    hessian_matrix,
    residual_matrix,
    spectral_density,
    spectrum,
    top_eigenpairs,
)
from lossbasins.curvature.hessian import factored_hessian
from tests.oracles import double_backward

SAMPLES = 17


def data(dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(SAMPLES, 4, generator=generator, dtype=torch.float64).to(dtype)
    return inputs, torch.randint(0, 3, (SAMPLES,), generator=generator)


def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double().eval()


def expected(net, loss=F.cross_entropy):
    inputs, targets = data()
    return double_backward(loss(net(inputs), targets), list(net.parameters()))


class Batches:
    """Begins anew each time it is iterated."""

    def __iter__(self):
        inputs, targets = data()
        for start in range(0, SAMPLES, 6):
            yield inputs[start : start + 6], targets[start : start + 6]


class Lines(IterableDataset):
    def __iter__(self):
        return zip(*data(), strict=True)


def loader(**settings):
    return DataLoader(TensorDataset(*data()), **settings)


STREAMS = {
    "a loader with a ragged last batch": lambda: loader(batch_size=5),
    "a shuffled loader": lambda: loader(batch_size=5, shuffle=True),
    "a loader of single samples": lambda: loader(),
    "one batch": lambda: loader(batch_size=100),
    "an iterable data set": lambda: DataLoader(Lines(), batch_size=4),
    "a list of tuples": lambda: list(loader(batch_size=7)),
    "a list of lists": lambda: [[x.tolist(), y.tolist()] for x, y in loader(batch_size=7)],
    "arrays": lambda: [(x.numpy(), y.numpy()) for x, y in loader(batch_size=7)],
    "batches of all sizes": lambda: [(x[a:b], y[a:b]) for x, y in [data()] for a, b in [(0, 1), (1, 3), (3, 17)]],
    "an iterable": Batches,
}


@pytest.mark.parametrize("name", STREAMS)
def test_streams_give_what_tensors_give(name):
    torch.manual_seed(0)
    net = model()
    objective = Objective(net, STREAMS[name](), loss="cross_entropy")
    right = expected(net)
    scale = float(right.norm())
    close = {"rtol": 0, "atol": 1e-12 * scale}
    assert objective.samples == SAMPLES
    assert objective.value == pytest.approx(F.cross_entropy(net(data()[0]), data()[1]).item(), rel=1e-12)
    for method in ("auto", "structured", "autodiff"):
        torch.testing.assert_close(hessian_matrix(objective, method), right, **close)
        parts = ggn_matrix(objective, method) + residual_matrix(objective, method)
        torch.testing.assert_close(parts, right, **close)
    torch.testing.assert_close(factored_hessian(objective) @ torch.eye(objective.size).double(), right, **close)
    for chunk in (None, 4):
        operator = HessianOperator(objective, chunk=chunk)
        torch.testing.assert_close(torch.from_numpy(operator @ np.eye(objective.size)), right, **close)
    eigenvalues = torch.linalg.eigvalsh(right).numpy()
    np.testing.assert_allclose(spectrum(objective).eigenvalues, eigenvalues, rtol=0, atol=1e-11 * scale)
    for method in ("auto", "lanczos"):
        found = top_eigenpairs(objective, 2, method=method).values
        np.testing.assert_allclose(found, eigenvalues[:-3:-1], rtol=0, atol=1e-8 * scale)
    assert frobenius_squared(objective, probes=2 * objective.size + 4).value == pytest.approx(scale**2, rel=1e-8)
    assert frobenius_squared(objective, "finite_difference", probes=4).value > 0
    assert spectral_density(objective, probes=2, steps=5).matvecs == 10


@pytest.mark.parametrize("name", ["a shuffled loader", "batches of all sizes"])
def test_class_weights_are_summed_over_all_batches(name):
    net = model()
    loss = nn.CrossEntropyLoss(torch.tensor([0.2, 3.0, 1.0]).double(), label_smoothing=0.1)
    objective = Objective(net, STREAMS[name](), loss=loss, weight_decay=0.1)
    right = expected(net, loss) + 0.1 * torch.eye(objective.size).double()
    torch.testing.assert_close(hessian_matrix(objective), right, rtol=0, atol=1e-12 * float(right.norm()))
    product = HessianOperator(objective) @ np.eye(objective.size)
    torch.testing.assert_close(torch.from_numpy(product), right, rtol=0, atol=1e-12 * float(right.norm()))


def test_a_loader_with_ones_own_loss_and_some_parameters():
    net = model()

    def focal(outputs, targets):
        right = outputs.softmax(1).gather(1, targets[:, None])
        return -((1 - right).square() * right.log()).mean()

    objective = Objective(net, loader(batch_size=5, shuffle=True), loss=focal, parameters="2.*")
    inputs, targets = data()
    right = double_backward(focal(net(inputs), targets), [net[2].weight, net[2].bias])
    for method in ("auto", "autodiff"):
        found = hessian_matrix(objective, method)
        torch.testing.assert_close(found, right, rtol=0, atol=1e-12 * float(right.norm()))


def test_a_loader_in_another_precision():
    net = model().float()
    objective = Objective(net, DataLoader(TensorDataset(*data(torch.float32)), batch_size=5, shuffle=True))
    double = objective.to(torch.float64)
    assert (objective.dtype, double.dtype) == (torch.float32, torch.float64)
    assert double.value == pytest.approx(objective.value, rel=1e-5)
    torch.testing.assert_close(hessian_matrix(objective).double(), hessian_matrix(double), rtol=1e-3, atol=1e-5)


def test_sequences_of_several_lengths():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.AdaptiveAvgPool2d((1, 3)), nn.Flatten()).double().eval()
    batches = [(torch.randn(3, length, 4).double(), torch.tensor([0, 1, 2])) for length in (2, 5, 3)]
    objective = Objective(net, batches)
    loss = sum(F.cross_entropy(net(inputs), targets) for inputs, targets in batches) / 3
    right = double_backward(loss, list(net.parameters()))
    torch.testing.assert_close(hessian_matrix(objective), right, rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(hessian_matrix(objective, memory=1), right, rtol=1e-10, atol=1e-13)


def test_batches_are_never_held_together():
    alive, most = weakref.WeakSet(), 0

    class Large:
        def __iter__(self):
            nonlocal most
            for seed in range(12):
                generator = torch.Generator().manual_seed(seed)
                inputs = torch.randn(10, 4, generator=generator, dtype=torch.float64)
                alive.add(inputs)
                most = max(most, len(alive))
                yield inputs, torch.arange(10) % 3

    objective = Objective(model(), Large())
    for call in (
        hessian_matrix,
        lambda o: hessian_matrix(o, "autodiff"),
        lambda o: HessianOperator(o) @ np.ones(o.size),
    ):
        call(objective)
    assert most <= 4


def test_a_stream_is_left_alone():
    inputs, targets = data()
    batches = [(inputs[:9], targets[:9]), (inputs[9:], targets[9:])]
    net = nn.Sequential(nn.SiLU(inplace=True), *model())
    hessian_matrix(Objective(net.eval(), batches))
    assert torch.equal(inputs, data()[0])


class Augmented:
    """Other values in each pass, from some pass on."""

    def __init__(self, first):
        self.first, self.passes = first, 0

    def __iter__(self):
        self.passes += 1
        inputs, targets = data()
        yield inputs[:9], targets[:9]
        yield inputs[9:] + 1e-12 * (self.passes >= self.first), targets[9:]


class Shrinking(Augmented):
    def __iter__(self):
        self.passes += 1
        inputs, targets = data()
        yield inputs[:9], targets[:9]
        if self.passes < self.first:
            yield inputs[9:], targets[9:]


class Exhausted:
    """An object with one iterator, which ends."""

    def __init__(self):
        self.iterator = iter(Batches())

    def __iter__(self):
        return self.iterator


class Noisy(TensorDataset):
    def __getitem__(self, index):
        inputs, target = super().__getitem__(index)
        return inputs + 0.1 * torch.randn_like(inputs), target


def swapped():
    class Swapped:
        passes = 0

        def __iter__(self):
            self.passes += 1
            inputs, targets = data()
            yield inputs, targets if self.passes == 1 else targets.roll(1)

    return Swapped()


CHANGING = {
    "augmentation": (lambda: DataLoader(Noisy(*data()), batch_size=5), "other values in a later pass"),
    "augmentation of one part": (lambda: Augmented(2), "other values in a later pass"),
    "targets of other inputs": (swapped, "other values in a later pass"),
    "sampling": (
        lambda: loader(batch_size=5, sampler=RandomSampler(range(SAMPLES), replacement=True)),
        "other values in a later pass",
    ),
    "what is dropped at random": (
        lambda: loader(batch_size=5, shuffle=True, drop_last=True),
        "other values in a later pass",
    ),
    "fewer samples": (lambda: Shrinking(2), "17 samples in the first pass and 9 in a later one"),
    "an iterator inside": (Exhausted, "17 samples in the first pass and 0 in a later one"),
}


@pytest.mark.parametrize("name", CHANGING)
def test_data_that_change_are_found_at_once(name):
    torch.manual_seed(0)
    make, message = CHANGING[name]
    with pytest.raises(ValueError, match=message) as error:
        Objective(model(), make())
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", [Augmented, Shrinking])
@pytest.mark.parametrize(
    "call",
    [
        hessian_matrix,
        lambda o: hessian_matrix(o, "autodiff"),
        lambda o: HessianOperator(o) @ np.ones(o.size),
        lambda o: top_eigenpairs(o, 1),
        lambda o: frobenius_squared(o, "finite_difference", probes=2),
    ],
)
def test_data_that_change_later_give_no_number(kind, call):
    batches = kind(10**9)
    objective = Objective(model(), batches)
    batches.first = batches.passes + 1
    with pytest.raises(ValueError, match="in a later"):
        call(objective)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (lambda: (iter(Batches()),), TypeError, "a generator, which ends after one pass"),
        (lambda: (zip(*data(), strict=True),), TypeError, "a zip, which ends after one pass"),
        (lambda: ([],), ValueError, "there is no batch"),
        (lambda: (3,), TypeError, "a DataLoader or a list of batches, no int"),
        (lambda: (data()[0],), TypeError, "targets are missing"),
        (lambda: (data()[0].numpy(),), TypeError, "targets are missing"),
        (lambda: (loader(), data()[1]), TypeError, "a DataLoader brings its targets: leave targets out"),
        (lambda: ([data()[0]],), TypeError, "a batch that is a Tensor: each must be a pair"),
        (lambda: ([{"x": data()[0], "y": data()[1]}],), TypeError, "a batch that is a dict: each must be a pair"),
        (lambda: ([(*data(), 1)],), TypeError, "a batch of 3 parts: each must be a pair"),
        (lambda: (TensorDataset(*data()),), TypeError, "wrap it in a DataLoader"),
        (lambda: (list(TensorDataset(*data())),), ValueError, "need a first dimension, of samples"),
        (lambda: ([data(torch.float32)],), TypeError, "mixed dtypes"),
        (lambda: ([(data()[0], data()[1][:3])],), ValueError, "17 inputs, but 3 targets"),
        (lambda: ([data(), (data()[0], data()[1] + 7)],), ValueError, "the model has 3 outputs"),
        (lambda: ([data(), (data()[0] / 0, data()[1])],), ValueError, "the loss is nan"),
        (lambda: ([(OrderedDict(a=1), data()[1])],), TypeError, "inputs"),
    ],
)
def test_what_is_no_data_is_one_line(given, error, message):
    with pytest.raises(error, match=message) as caught:
        Objective(model(), *given())
    assert "\n" not in str(caught.value)


def test_batches_cannot_be_taken_at_once():
    with pytest.raises(ValueError, match="independent=False takes all samples at once: give them as tensors"):
        Objective(model(), loader(), independent=False)


def test_samples_that_mix_are_seen_in_batches_too():
    class Mixing(nn.Linear):
        def forward(self, inputs):
            return super().forward(inputs - inputs.mean(0))

    for settings in ({}, {"batch_size": 5}):
        with pytest.raises(ValueError, match="depend on the others in its batch"):
            Objective(Mixing(4, 3).double().eval(), loader(**settings))


def test_a_loss_that_is_no_mean_is_seen_in_batches_of_one_sample_too():
    with pytest.raises(ValueError, match="is no mean over samples"):
        Objective(model(), loader(), loss=lambda z, _: z.exp().sum())
