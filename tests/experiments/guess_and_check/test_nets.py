import pytest
import torch
from torch import nn

from lossbasins.experiments.guess_and_check.nets import Nets
from tests.experiments.guess_and_check.tasks import fit

NETS = Nets((4, 5, 3, 1))
INPUTS = torch.randn(7, 4, generator=torch.Generator().manual_seed(2))


def drawn(number=6):
    return torch.randn(number, NETS.parameters, generator=torch.Generator().manual_seed(1))


def as_module(vector):
    """The network as torch would have it."""
    linear = [nn.Linear(inputs, outputs, bias=False) for outputs, inputs in NETS.shapes]
    with torch.no_grad():
        for layer, weights in zip(linear, NETS.layers(vector[None]), strict=True):
            layer.weight.copy_(weights[0])
    return nn.Sequential(linear[0], nn.ReLU(), linear[1], nn.ReLU(), linear[2])


def test_outputs_are_those_of_torchs_own_layers():
    assert NETS.parameters == 4 * 5 + 5 * 3 + 3
    vectors = drawn()
    expected = torch.stack([as_module(vector)(INPUTS)[:, 0] for vector in vectors])
    torch.testing.assert_close(NETS.outputs(vectors, INPUTS), expected.detach())


def test_blocks_change_nothing(monkeypatch):
    vectors = drawn(20)
    whole = NETS.outputs(vectors, INPUTS)
    monkeypatch.setattr("lossbasins.experiments.guess_and_check.nets.NETS_AT_ONCE", 3)
    torch.testing.assert_close(NETS.outputs(vectors, INPUTS), whole)


def test_the_prior_is_he_s():
    vectors = torch.randn(4000, NETS.parameters, generator=torch.Generator().manual_seed(3))
    for weights, (_, inputs) in zip(NETS.layers(vectors), NETS.shapes, strict=True):
        assert weights.var().item() == pytest.approx(2 / inputs, rel=0.05)


def test_vectors_undo_layers():
    vectors = drawn()
    torch.testing.assert_close(NETS.vectors(NETS.layers(vectors)), vectors)


def test_scaled_outputs_are_those_of_layers_at_their_usual_norm():
    vectors = drawn()
    usual = [(2 * outputs) ** 0.5 for outputs, _ in NETS.shapes]
    layers = [
        weights * norm / weights.flatten(1).norm(dim=1)[:, None, None]
        for weights, norm in zip(NETS.layers(vectors), usual, strict=True)
    ]
    expected = NETS.outputs(NETS.vectors(layers), INPUTS)
    torch.testing.assert_close(NETS.outputs(vectors, INPUTS) * NETS.scale(vectors)[:, None], expected)


def test_the_norm_of_a_layer_changes_no_normalised_margin():
    one = fit(9)
    vectors = torch.randn(5, one.nets.parameters, generator=torch.Generator().manual_seed(4))
    first, last = one.nets.layers(vectors)
    stretched = one.nets.vectors([3 * first, 0.2 * last])
    torch.testing.assert_close(one.normalised_margins(stretched), one.normalised_margins(vectors))
    torch.testing.assert_close(one.margins(stretched), 0.6 * one.margins(vectors))
