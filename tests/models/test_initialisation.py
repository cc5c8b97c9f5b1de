import math

import pytest
import torch
from torch import nn

from lossbasins.models.initialisation import initialise
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


def test_a_layer_of_unknown_kind_is_an_error_that_names_it():
    model = nn.Sequential(nn.Linear(3, 3), nn.PReLU())
    with pytest.raises(ValueError, match="layer '1' is a PReLU; allowed: Linear, Conv2d"):
        initialise(model, InitSpec(), torch.Generator())
