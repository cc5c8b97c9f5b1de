import pytest
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

from lossbasins.models import resnet18, resnet32
from lossbasins.models.residual import PaddedShortcut


def padded_by_convolution(channels, out):
    """Option A as a convolution: a 1x1 window of stride 2 that copies each channel to its place among the new ones."""
    convolution = nn.Conv2d(channels, out, kernel_size=1, stride=2, bias=False)
    weight = torch.zeros(out, channels, 1, 1)
    for channel in range(channels):
        weight[channel + (out - channels) // 2, channel] = 1
    convolution.weight = nn.Parameter(weight, requires_grad=False)
    return convolution


class ThreeStages(nn.Module):
    """A ResNet-32 of torchvision's blocks."""

    def __init__(self):
        super().__init__()
        layers, width = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
        for out in (16, 32, 64):
            changes = out != width
            layers.append(
                BasicBlock(width, out, 2 if changes else 1, padded_by_convolution(width, out) if changes else None)
            )
            layers += [BasicBlock(out, out) for _ in range(4)]
            width = out
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(64, 10)

    def forward(self, inputs):
        return self.fc(self.layers(inputs).mean(dim=(2, 3)))


def torchvision_resnet18():
    model = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=10)
    model.conv1 = nn.Conv2d(3, 64, kernel_size=3, padding=1, bias=False)
    model.maxpool = nn.Identity()
    return model


def with_weights_of(reference, ours):
    """The reference with our parameters and buffers, which lie in the same order; what it freezes stays."""
    frozen = {name for name, values in reference.named_parameters() if not values.requires_grad}
    names = [name for name in reference.state_dict() if name not in frozen]
    reference.load_state_dict(dict(zip(names, ours.state_dict().values(), strict=True)), strict=False)
    return reference


@pytest.fixture(params=[(resnet18, torchvision_resnet18), (resnet32, ThreeStages)], ids=["resnet18", "resnet32"])
def ours_and_reference(request):
    torch.manual_seed(0)
    module, reference = request.param
    ours = module.build(3, 32, 32, 10).double()
    for layer in ours.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias)
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
    return ours, with_weights_of(reference().double(), ours)


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_outputs_gradients_and_statistics_are_those_of_torchvision(ours_and_reference, training):
    inputs = torch.randn(3, 3, 32, 32, dtype=torch.float64)
    found = []
    for model in ours_and_reference:
        model.train(training)
        outputs = model(inputs)
        learned = [values for values in model.parameters() if values.requires_grad]
        gradients = torch.autograd.grad(outputs.logsumexp(dim=1).sum(), learned)
        statistics = [values for name, values in model.named_buffers() if "running" in name]
        found.append([outputs, *gradients, *statistics])
    for value, expected in zip(*found, strict=True):
        torch.testing.assert_close(value, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("module", "layers", "parameters"), [(resnet32, 32, 464_154), (resnet18, 18, 11_173_962)])
def test_parameters_and_layers_of_the_paper(module, layers, parameters):
    model = module.build(3, 32, 32, 10)
    assert sum(values.numel() for values in model.parameters()) == parameters
    weighted = [m for m in model.modules() if isinstance(m, nn.Linear) or getattr(m, "kernel_size", None) == (3, 3)]
    assert len(weighted) == layers
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_shortcut_keeps_every_second_pixel_between_zero_channels():
    image = torch.arange(32.0).reshape(1, 2, 4, 4)
    found = PaddedShortcut(2, 4, stride=2)(image)
    assert torch.equal(found[:, 1:3], image[:, :, ::2, ::2])
    assert not found[:, [0, 3]].any()


@pytest.mark.parametrize(("module", "stages", "least"), [(resnet32, 3, 4), (resnet18, 4, 8)])
def test_images_too_small_and_no_channels_are_clear_errors(module, stages, least):
    line = rf"^images of {least - 1}x32 pixels: a ResNet of {stages} stages needs at least {least}x{least}$"
    with pytest.raises(ValueError, match=line):
        module.build(3, least - 1, 32, 10)
    with pytest.raises(ValueError, match=r"^base 0: a ResNet needs at least one channel$"):
        module.build(3, 32, 32, 10, base=0)
    assert module.build(3, least, least, 10, base=1).eval()(torch.zeros(1, 3, least, least)).shape == (1, 10)
