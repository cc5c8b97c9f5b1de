import math

import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.data.tensors import Part
from lossbasins.training import evaluation
from lossbasins.training.evaluation import gradient_norm, loss_and_accuracy, status, weight_norm


@pytest.fixture
def linear():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 4)).double()


@pytest.fixture
def part():
    generator = torch.Generator().manual_seed(1)
    return Part(torch.randn(50, 1, 2, 3, generator=generator, dtype=torch.float64), torch.arange(50) % 4)


def test_loss_accuracy_and_gradient_of_a_linear_model_in_closed_form(linear, part):
    weight, bias = (values.detach().numpy() for values in linear[1].parameters())
    inputs, labels = part.inputs.flatten(1).numpy(), part.labels.numpy()
    logits = inputs @ weight.T + bias
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss, accuracy = loss_and_accuracy(linear, part)
    assert loss == pytest.approx(-np.log(probabilities[np.arange(50), labels]).mean(), rel=1e-12)
    assert accuracy == (logits.argmax(axis=1) == labels).mean()
    residual = (probabilities - np.eye(4)[labels]) / 50
    gradient = np.concatenate([(residual.T @ inputs).ravel(), residual.sum(axis=0)])
    assert gradient_norm(linear, part) == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
    assert weight_norm(linear) == pytest.approx(math.sqrt((weight**2).sum() + (bias**2).sum()), rel=1e-12)


def test_chunks_change_nothing_but_rounding(linear, part, monkeypatch):
    whole = (*loss_and_accuracy(linear, part), gradient_norm(linear, part))
    monkeypatch.setattr(evaluation, "CHUNK", 7)
    np.testing.assert_allclose((*loss_and_accuracy(linear, part), gradient_norm(linear, part)), whole, rtol=1e-12)


@pytest.mark.parametrize(
    ("loss", "accuracy", "expected"),
    [(0.1, 1.0, "ok"), (0.1, 0.998, "not_fitted"), (math.nan, 1.0, "diverged"), (math.inf, 0.1, "diverged")],
)
def test_status(loss, accuracy, expected):
    assert status(loss, accuracy) == expected


def test_a_network_that_is_no_longer_finite_classifies_nothing_right(linear, part):
    with torch.no_grad():
        linear[1].bias[0] = math.nan
    assert all(math.isnan(value) for value in loss_and_accuracy(linear, part))
