"""Models whose loss is not what it seems, and forwards that change what they should not."""

import random
import warnings
from copy import deepcopy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossbasins.curvature import HessianOperator, Objective, frobenius_squared, hessian_matrix, top_eigenpairs
from tests.oracles import double_backward_rows


class Model(nn.Module):
    """A linear layer behind, or before, a function of the user's."""

    def __init__(self, before=lambda inputs: inputs, after=lambda outputs: outputs, features=4, classes=3):
        super().__init__()
        self.layer = nn.Linear(features, classes)
        self.before = before
        self.after = after

    def forward(self, inputs):
        return self.after(torch.tanh(self.layer(self.before(inputs))))


def data(samples=9, classes=3):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(samples, 4, generator=generator, dtype=torch.float64)
    return inputs, torch.randint(0, classes, (samples,), generator=generator)


def prepared(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.normal_(parameter)
    return model.double().eval()


def plus_one(inputs):
    inputs += 1
    return inputs


WRITING = {
    "+= 1": plus_one,
    "sub_": lambda inputs: inputs.sub_(0.5).mul_(2),
    "relu_": lambda inputs: inputs.relu_(),
    "inplace": nn.SiLU(inplace=True),
    "sets entries": lambda inputs: inputs.index_fill_(1, torch.tensor([0]), 0.0),
    "through .data": lambda inputs: (inputs.data.mul_(3), inputs)[1],
}


@pytest.mark.parametrize("name", WRITING)
def test_a_forward_that_writes_to_its_input_changes_neither_data_nor_answer(name):
    inputs, targets = data()
    before = inputs.clone()
    objective = Objective(prepared(Model(WRITING[name])), inputs, targets)
    expected = double_backward_rows(objective)
    torch.testing.assert_close(hessian_matrix(objective), expected, rtol=1e-10, atol=1e-13)
    identity = np.eye(objective.size)
    np.testing.assert_allclose(HessianOperator(objective, chunk=2) @ identity, expected, rtol=1e-10, atol=1e-13)
    assert top_eigenpairs(objective, 1).values[0] == pytest.approx(np.linalg.eigvalsh(expected)[-1])
    probes = 4 * objective.size
    norm = frobenius_squared(objective, probes=probes).value
    assert norm == pytest.approx(float(expected.square().sum()), rel=1e-8)
    assert torch.equal(inputs, before)


GENERATOR = torch.Generator().manual_seed(0)

RANDOM = {
    "dropout": F.dropout,
    "rare dropout": lambda inputs: F.dropout(inputs, 0.001),
    "noise": lambda inputs: inputs + 0.1 * torch.randn_like(inputs),
    "noise of NumPy": lambda inputs: inputs * np.random.rand(),  # noqa: NPY002
    "noise of Python": lambda inputs: inputs * random.random(),
    "own generator": lambda inputs: inputs + torch.randn(inputs.shape, generator=GENERATOR, dtype=inputs.dtype),
}


@pytest.mark.parametrize("name", RANDOM)
def test_a_random_forward_is_an_error(name):
    with pytest.raises(ValueError, match="no function of the data: ") as error:
        Objective(prepared(Model(after=RANDOM[name])), *data())
    assert "\n" not in str(error.value)


CALLS = []


def test_a_forward_that_depends_on_how_often_it_was_called_is_an_error():
    def counted(outputs):
        CALLS.append(1)
        return outputs * len(CALLS)

    with pytest.raises(ValueError, match="other outputs when it is called again"):
        Objective(prepared(Model(after=counted)), *data())


MIXING = {
    "mean": lambda values: values - values.mean(0),
    "largest": lambda values: values / values.abs().max(),
    "batch norm": lambda values: F.batch_norm(values, None, None, training=True),
    "softmax over samples": lambda values: values.softmax(0),
    "the neighbour": lambda values: values + 0.1 * values.roll(1, 0),
    "position": lambda values: values * torch.arange(1, len(values) + 1, dtype=values.dtype)[:, None],
    "number of samples": lambda values: values / len(values),
    "weakly": lambda values: values + 1e-6 * values.mean(0),
}


@pytest.mark.parametrize("name", MIXING)
def test_samples_that_are_mixed_are_an_error_or_taken_at_once(name):
    model = prepared(Model(after=MIXING[name]))
    inputs, targets = data()
    with pytest.raises(ValueError, match="independent=False") as error:
        Objective(model, inputs, targets)
    assert "\n" not in str(error.value)
    objective = Objective(model, inputs, targets, independent=False)
    expected = double_backward_rows(objective)
    assert objective.value == pytest.approx(F.cross_entropy(model(inputs), targets).item(), rel=1e-12)
    torch.testing.assert_close(hessian_matrix(objective), expected, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(hessian_matrix(objective, memory=1), expected, rtol=1e-9, atol=1e-12)
    found = HessianOperator(objective, chunk=2) @ np.eye(objective.size)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_batch_norm_that_keeps_no_statistics_is_an_error():
    model = prepared(nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3, track_running_stats=False)))
    with pytest.raises(ValueError, match="batch statistics"):
        Objective(model, *data())


def test_a_model_that_fails_on_one_sample_says_so():
    model = prepared(Model(lambda inputs: inputs.reshape(3, -1).reshape(-1, 4)))
    with pytest.raises(ValueError, match=r"fails on 5 of its samples alone.*independent=False"):
        Objective(model, *data())


def test_large_values_and_infinite_logits_are_no_mixing():
    masked = torch.tensor([0.0, 0.0, -torch.inf], dtype=torch.float64)
    inputs, targets = data(classes=2)
    objective = Objective(prepared(Model(after=lambda outputs: 1e6 * outputs + masked)), inputs, targets)
    assert np.isfinite(objective.value)


class Stateful(nn.Module):
    """Keeps what it sees in every way that torch lets it."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)
        self.register_buffer("seen", torch.zeros(()))
        self.last = None
        self.plain = torch.zeros(3, dtype=torch.float64)
        self.history = []
        self.fails = False

    def forward(self, inputs):
        self.seen += 1
        self.plain += 1
        self.last = self.layer(inputs)
        self.history.append(self.last)
        if self.fails:
            raise RuntimeError("on purpose")
        return self.last * self.seen * self.plain


@pytest.mark.parametrize("fails", [False, True])
def test_a_model_is_left_as_it_was(fails):
    model = prepared(Stateful())
    objective = Objective(model, *data())
    expected = double_backward_rows(Objective(deepcopy(model), *data()))
    model.fails = fails
    for call in (hessian_matrix, HessianOperator, frobenius_squared, lambda o: top_eigenpairs(o, 2)):
        if fails:
            with pytest.raises(RuntimeError, match="on purpose"):
                call(objective)
        else:
            call(objective)
        assert model.seen == 0
        assert not model.plain.any()
        assert model.last is None
        assert model.history == []
        assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
        assert all(parameter.grad is None for parameter in model.parameters())
    if not fails:
        torch.testing.assert_close(hessian_matrix(objective), expected, rtol=1e-10, atol=1e-13)


def test_hooks_that_compute_weights_leave_a_model_that_can_be_copied():
    layer = nn.Linear(4, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model = prepared(nn.Sequential(nn.utils.spectral_norm(layer)))
    before = model[0].weight
    objective = Objective(model, *data())
    torch.testing.assert_close(hessian_matrix(objective), double_backward_rows(objective), rtol=1e-10, atol=1e-13)
    hessian_matrix(objective)
    assert before is not None
    assert objective.to(torch.float32).size == objective.size


def test_a_forward_that_changes_its_parameters_is_an_error():
    model = nn.Sequential(nn.Embedding(5, 3, max_norm=0.1), nn.Flatten(), nn.Linear(6, 3)).double().eval()
    before = deepcopy(model.state_dict())
    tokens = torch.randint(0, 5, (9, 2), generator=torch.Generator().manual_seed(0))
    with pytest.raises(ValueError, match=r"changes its parameter 0\.weight"):
        Objective(model, tokens, data()[1])
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
