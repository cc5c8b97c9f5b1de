"""Random small networks of every layer that the structured route knows, with data that suits them."""

import torch
from torch import nn

from lossbasins.curvature import Objective

ACTIVATIONS = (
    nn.ReLU,
    nn.LeakyReLU,
    nn.ReLU6,
    nn.Hardtanh,
    nn.Tanh,
    nn.Sigmoid,
    nn.Softplus,
    nn.GELU,
    nn.SiLU,
)
POOLS = (
    nn.Identity,
    lambda: nn.MaxPool2d(2),
    lambda: nn.MaxPool2d(3, stride=1, padding=1),
    lambda: nn.AvgPool2d(2, stride=1),
    lambda: nn.AvgPool2d(2, padding=1),
    lambda: nn.AdaptiveMaxPool2d(2),
    lambda: nn.AdaptiveAvgPool2d((2, 1)),
)
CLASSES = 3


class Residual(nn.Module):
    def __init__(self, body, shortcut, activation):
        super().__init__()
        self.body = body
        self.shortcut = shortcut
        self.activation = activation

    def forward(self, inputs):
        return self.activation(self.body(inputs) + self.shortcut(inputs))


def random_objective(pick):
    """An objective in float64; `pick` chooses one of a sequence, and so decides everything but the numbers."""
    torch.manual_seed(pick(range(1000)))
    images = torch.randn(pick((2, 5)), pick((1, 2)), *pick(((6, 6), (5, 7))), dtype=torch.float64)
    layers = []
    for _ in range(pick((0, 1, 1, 2))):
        layers.append(_stage(pick, nn.Sequential(*layers)(images)))
    layers.append(_ending(pick, nn.Sequential(*layers)(images)))
    model = nn.Sequential(*layers).double().eval()
    loss = pick(("cross_entropy", "mse"))
    targets = torch.randint(0, CLASSES, (len(images),)) if loss == "cross_entropy" else torch.rand(len(images), CLASSES)
    return Objective(model, images, targets if loss == "cross_entropy" else targets.double(), loss)


def _stage(pick, values):
    channels, height, width = values.shape[1:]
    size = min(height, width)
    kernel = pick([k for k in (1, 2, 3) if k <= size])
    out = pick((2, 3))
    kind = pick(("plain", "strided", "dilated", "same", "residual"))
    convolution = {
        "plain": lambda: nn.Conv2d(channels, out, kernel, bias=pick((True, False))),
        "strided": lambda: nn.Conv2d(channels, out, kernel, stride=2, padding=1),
        "dilated": lambda: nn.Conv2d(channels, out, kernel, dilation=2, padding=(2, kernel - 1)),
        "same": lambda: nn.Conv2d(channels, out, 3, padding="same", bias=pick((True, False))),
        "residual": lambda: _residual(pick, channels, out),
    }[kind]()
    stage = nn.Sequential(convolution, _normalisation(pick, out, nn.BatchNorm2d), pick(ACTIVATIONS)()).double().eval()
    space = stage(values).shape[2:]
    pool = pick(POOLS)() if min(space) > 1 else nn.Identity()
    return stage.append(pool)


def _residual(pick, channels, out):
    body = nn.Sequential(
        nn.Conv2d(channels, out, 3, padding=1, bias=False),
        _normalisation(pick, out, nn.BatchNorm2d),
        pick(ACTIVATIONS)(),
        nn.Conv2d(out, out, 1),
    )
    shortcut = nn.Identity() if channels == out and pick((True, False)) else nn.Conv2d(channels, out, 1)
    return Residual(body, shortcut, pick(ACTIVATIONS)())


def _ending(pick, values):
    channels, height, width = values.shape[1:]
    features = channels * height * width
    kind = pick(("average", "whole", "linear", "hidden", "normalised"))
    if kind == "average":
        return nn.Sequential(nn.Conv2d(channels, CLASSES, 2, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    if kind == "whole":
        return nn.Sequential(nn.Conv2d(channels, CLASSES, (height, width)), nn.Flatten())
    if kind == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(features, CLASSES, bias=pick((True, False))))
    hidden = nn.Sequential(
        nn.Linear(features, 3), pick(ACTIVATIONS)(), nn.Linear(3, 4, bias=False), pick(ACTIVATIONS)()
    )
    before = _normalisation(pick, features, nn.BatchNorm1d) if kind == "normalised" else nn.Identity()
    between = _normalisation(pick, 4, nn.BatchNorm1d)
    return nn.Sequential(nn.Flatten(), before, hidden, between, nn.Dropout(), nn.Linear(4, CLASSES))


def _normalisation(pick, features, kind):
    if pick((True, False)):
        return nn.Identity()
    layer = kind(features)
    nn.init.uniform_(layer.weight, 0.5, 2)
    nn.init.normal_(layer.bias)
    layer.running_mean.normal_()
    layer.running_var.uniform_(0.5, 2)
    return layer
