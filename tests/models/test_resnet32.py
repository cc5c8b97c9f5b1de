import pytest
import torch
from torch import nn

from lossbasins.models import resnet32


def test_parameters_and_layers_of_the_paper():
    model = resnet32.build(3, 32, 32, 10)
    assert sum(parameter.numel() for parameter in model.parameters()) == 464_154
    assert sum(isinstance(module, nn.Conv2d | nn.Linear) for module in model.modules()) == 32
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_shortcut_keeps_every_second_pixel_between_zero_channels():
    image = torch.arange(32.0).reshape(1, 2, 4, 4)
    found = resnet32.Shortcut(4, stride=2)(image)
    assert torch.equal(found[:, 1:3], image[:, :, ::2, ::2])
    assert not found[:, [0, 3]].any()


def test_images_too_small():
    with pytest.raises(ValueError, match="at least 4x4"):
        resnet32.build(3, 2, 32, 10)
