"""Random small networks of every layer that the structured routes know, with data that suits them."""

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


class Added(nn.Module):
    """What its body gives, added to its input."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, inputs):
        return inputs + self.body(inputs)


class SelfAttention(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        self.heads = nn.MultiheadAttention(features, heads, batch_first=True)

    def forward(self, inputs):
        return self.heads(inputs, inputs, inputs, need_weights=False)[0]


def random_modern_objective(pick):
    """The same with normalised layers, grouped convolutions, embeddings and attention."""
    torch.manual_seed(pick(range(1000)))
    samples = pick((2, 5))
    if pick(("images", "sequences")) == "images":
        inputs = torch.randn(samples, pick((1, 2)), 6, pick((6, 7)), dtype=torch.float64)
        layers = [nn.Conv2d(inputs.shape[1], 4, pick((1, 3))), *_norm_of_images(pick), pick(ACTIVATIONS)()]
        convolution = pick(_CONVOLUTIONS)()
        layers += [
            convolution,
            *_norm_of_images(pick, convolution.out_channels),
            pick(ACTIVATIONS)(),
            nn.AdaptiveAvgPool2d(2),
        ]
    else:
        features = pick((2, 4))
        places = pick((2, 3))
        inputs = torch.randn(samples, places, features, dtype=torch.float64)
        layers = []
        if pick((True, False)):
            inputs = torch.randint(0, 5, (samples, places))
            layers = [nn.Embedding(5, features, padding_idx=pick((None, 1)))]
        for _ in range(pick((1, 2))):
            layers += _block(pick, features)
    layers.append(nn.Flatten())
    width = nn.Sequential(*layers).double().eval()(inputs).shape[1]
    model = nn.Sequential(*layers, nn.Linear(width, CLASSES)).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    loss = pick(("cross_entropy", "mse"))
    targets = torch.randint(0, CLASSES, (samples,)) if loss == "cross_entropy" else torch.rand(samples, CLASSES)
    return Objective(model, inputs, targets if loss == "cross_entropy" else targets.double(), loss)


_CONVOLUTIONS = (
    lambda: nn.Conv2d(4, 4, 2, groups=2),
    lambda: nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False),
    lambda: nn.Conv2d(4, 8, 2, groups=4, stride=2),
    lambda: nn.ConvTranspose2d(4, 2, 2, stride=2),
)


def _norm_of_images(pick, channels=4):
    kinds = (
        lambda: (),
        lambda: (nn.GroupNorm(2, channels),),
        lambda: (nn.GroupNorm(1, channels, affine=False),),
        lambda: (nn.BatchNorm2d(channels),),
    )
    return pick(kinds)()


def _block(pick, features):
    wide = pick((3, 5))
    feed = nn.Sequential(
        nn.LayerNorm(features), nn.Linear(features, wide), pick(ACTIVATIONS)(), nn.Linear(wide, features)
    )
    kind = pick(("own", "torch", "torch, norm first", "plain"))
    if kind == "plain":
        return [nn.Linear(features, features, bias=False), nn.LayerNorm(features), pick(ACTIVATIONS)()]
    if kind == "own":
        heads = SelfAttention(features, pick((1, 2)))
        return [Added(nn.Sequential(nn.LayerNorm(features), heads)), Added(feed)]
    return [nn.TransformerEncoderLayer(features, 2, wide, batch_first=True, norm_first=kind != "torch")]
