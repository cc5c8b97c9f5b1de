import math

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from lossbasins.models.initialisation import initialise, left_to_model
from lossbasins.specs.entries import InitSpec


def drawn(layer, **init):
    initialise(layer, InitSpec(**init), torch.Generator().manual_seed(3))
    return layer.weight.detach()


@pytest.mark.parametrize(
    "layer", [nn.Linear(300, 700), nn.Conv2d(16, 40, kernel_size=5)], ids=["linear", "convolution"]
)
@pytest.mark.parametrize(("fan", "mode"), [("in", "fan_in"), ("out", "fan_out")])
@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_the_variance_is_that_of_torch(layer, fan, mode, distribution):
    reference = torch.empty_like(layer.weight)
    fill = nn.init.kaiming_normal_ if distribution == "normal" else nn.init.kaiming_uniform_
    fill(reference, mode=mode, nonlinearity="relu", generator=torch.Generator().manual_seed(4))
    ours = drawn(layer, distribution=distribution, fan=fan, gain=2.0)
    # The relative deviation of the two estimates of a variance is at most 2 sqrt(2/n), four standard errors here.
    assert ours.var() / reference.var() == pytest.approx(1, abs=8 / math.sqrt(ours.numel()))
    assert ours.abs().max() / reference.abs().max() == pytest.approx(1, abs=0.2)


def test_the_average_fan_is_glorot_s():
    layer = nn.Linear(300, 700)
    reference = torch.empty_like(layer.weight)
    nn.init.xavier_normal_(reference, generator=torch.Generator().manual_seed(4))
    assert drawn(layer, fan="average", gain=1.0).var() / reference.var() == pytest.approx(1, abs=0.02)


def test_biases_are_zero_and_only_the_generator_decides():
    first, second = nn.Linear(5, 4), nn.Linear(5, 4)
    assert torch.equal(drawn(first), drawn(second))
    assert torch.equal(first.bias, torch.zeros(4))


class Zoo(nn.Module):
    """One of each kind of layer with parameters, and bare ones."""

    def __init__(self):
        super().__init__()
        self.position = nn.Parameter(torch.randn(3, 4))
        self.linear = nn.Linear(6, 5)
        self.signals, self.volumes = nn.Conv1d(4, 6, 3), nn.Conv3d(2, 3, 2)
        self.upwards = nn.ConvTranspose1d(4, 6, 3)
        self.norms = nn.ModuleList([nn.LayerNorm(4), nn.GroupNorm(2, 4), nn.BatchNorm1d(4), nn.BatchNorm3d(4)])
        self.embedding, self.recurrent = nn.Embedding(7, 4), nn.LSTM(4, 5)
        self.attention = nn.MultiheadAttention(4, 2)
        self.spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 3))
        self.rectified = nn.PReLU()


COVERED = ("linear", "signals", "volumes", "norms.2", "norms.3")


def test_what_the_scheme_does_not_cover_stays_as_the_model_drew_it():
    torch.manual_seed(0)
    model = Zoo()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    initialise(model, InitSpec(), torch.Generator().manual_seed(3))
    changed = {name for name, values in model.state_dict().items() if not torch.equal(values, before[name])}
    assert changed == {f"{layer}.{kind}" for layer in COVERED[:3] for kind in ("weight", "bias")}
    names = {name for name, _ in model.named_parameters()}
    left = left_to_model(model, InitSpec())
    assert set(left) == {name for name in names if name.rpartition(".")[0] not in COVERED}
    assert {"position", "recurrent.weight_ih_l0", "attention.out_proj.weight", "upwards.bias"} <= set(left)


@pytest.mark.parametrize("layer", [nn.Conv1d(30, 70, 9), nn.Conv3d(10, 30, 3)], ids=["signals", "volumes"])
def test_convolutions_of_other_dimensions_have_the_variance_of_torch(layer):
    reference = torch.empty_like(layer.weight)
    nn.init.kaiming_normal_(reference, nonlinearity="relu", generator=torch.Generator().manual_seed(4))
    assert drawn(layer).var() / reference.var() == pytest.approx(1, abs=8 / math.sqrt(reference.numel()))


def test_the_model_s_own_initialisation_may_stay_as_it_is():
    model, init = Zoo(), InitSpec(distribution="model")
    before = {name: values.clone() for name, values in model.state_dict().items()}
    initialise(model, init, torch.Generator().manual_seed(3))
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())
    assert left_to_model(model, init) == tuple(name for name, _ in model.named_parameters())


@pytest.mark.parametrize("variance", [{"fan": "out"}, {"gain": 1.0}])
def test_the_model_s_own_initialisation_has_no_variance_of_ours(variance):
    with pytest.raises(ValidationError, match="distribution model has no fan and no gain; leave both out"):
        InitSpec(distribution="model", **variance)
