"""Small models of every kind that people bring, each with data that suits it; most are outside the first vocabulary."""

import warnings
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations, prune

CLASSES = 3
SAMPLES = 5


class Does(nn.Module):
    """Modules by name and a function of them and the inputs."""

    def __init__(self, forward: Callable, **modules: nn.Module | nn.Parameter):
        super().__init__()
        self.does = forward
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, inputs):
        return self.does(self, inputs)


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(4, 5)

    def forward(self, inputs):
        return self.first(inputs), self.second(inputs)


class Recurrent(nn.Module):
    def __init__(self, kind, **settings):
        super().__init__()
        self.core = kind(3, 4, batch_first=True, **settings)
        self.head = nn.LazyLinear(CLASSES)

    def forward(self, inputs):
        states, _ = self.core(inputs)
        return self.head(states[:, -1])


def vectors(features=4):
    return torch.randn(SAMPLES, features, dtype=torch.float64)


def images(channels=2, size=5):
    return torch.randn(SAMPLES, channels, size, size, dtype=torch.float64)


def sequences(features=4, length=3):
    return torch.randn(SAMPLES, length, features, dtype=torch.float64)


def tokens(length=4, words=6):
    return torch.randint(0, words, (SAMPLES, length))


def flat(*layers, features):
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(features, CLASSES))


def attention(model, inputs):
    outputs, _ = model.heads(inputs, inputs, inputs, need_weights=False)
    return model.head(outputs.mean(1))


def fused(model, inputs):
    queries, keys, values = model.mixed(inputs).chunk(3, -1)
    return model.head(F.scaled_dot_product_attention(queries, keys, values).mean(1))


def language(model, inputs):
    places = torch.arange(inputs.shape[1], device=inputs.device)
    return model.head(model.encoder(model.words(inputs) + model.places(places)).mean(1))


def pruned():
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, CLASSES))
    prune.random_unstructured(model[0], "weight", 0.4)
    return model


def spectral_by_hook():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return nn.Sequential(nn.utils.spectral_norm(nn.Linear(4, 5)), nn.Tanh(), nn.Linear(5, CLASSES))


def hooked():
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, CLASSES))
    model[1].register_forward_hook(lambda *values: 2 * values[-1])
    return model


def encoder(**settings):
    return nn.TransformerEncoderLayer(4, 2, 6, batch_first=True, **settings)


def linears(**layers):
    return {name: nn.Linear(*sizes) for name, sizes in layers.items()}


MODELS = {
    "RNN": (lambda: Recurrent(nn.RNN), lambda: sequences(3)),
    "GRU": (lambda: Recurrent(nn.GRU), lambda: sequences(3)),
    "LSTM": (lambda: Recurrent(nn.LSTM), lambda: sequences(3)),
    "LSTM in both directions": (lambda: Recurrent(nn.LSTM, bidirectional=True), lambda: sequences(3)),
    "LSTM of two layers": (lambda: Recurrent(nn.LSTM, num_layers=2), lambda: sequences(3)),
    "GRU cell": (
        lambda: Does(
            lambda m, x: m.head(m.cell(x[:, 1], m.cell(x[:, 0]))), cell=nn.GRUCell(4, 3), head=nn.Linear(3, 3)
        ),
        sequences,
    ),
    "attention": (
        lambda: Does(attention, heads=nn.MultiheadAttention(4, 2, batch_first=True), head=nn.Linear(4, CLASSES)),
        sequences,
    ),
    "fused attention": (lambda: Does(fused, **linears(mixed=(4, 12), head=(4, CLASSES))), sequences),
    "encoder layer": (lambda: flat(encoder(), features=12), sequences),
    "encoder layer, norm first": (lambda: flat(encoder(norm_first=True, activation="gelu"), features=12), sequences),
    "encoder": (
        lambda: flat(nn.TransformerEncoder(encoder(), 2, enable_nested_tensor=False), features=12),
        lambda: sequences(length=3),
    ),
    "decoder layer": (
        lambda: Does(
            lambda m, x: m.head(m.decoder(x, x.flip(1)).flatten(1)),
            decoder=nn.TransformerDecoderLayer(4, 2, 6, batch_first=True),
            head=nn.Linear(12, CLASSES),
        ),
        sequences,
    ),
    "language model": (
        lambda: Does(
            language,
            words=nn.Embedding(6, 4),
            places=nn.Embedding(4, 4),
            encoder=encoder(norm_first=True),
            head=nn.Linear(4, CLASSES),
        ),
        tokens,
    ),
    "embedding": (lambda: flat(nn.Embedding(6, 3), features=12), tokens),
    "padded embedding": (lambda: flat(nn.Embedding(6, 3, padding_idx=0), nn.Tanh(), features=12), tokens),
    "layer norm": (lambda: nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5), nn.ReLU(), nn.Linear(5, 3)), vectors),
    "layer norm, last": (lambda: nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3)), vectors),
    "layer norm, plain": (
        lambda: nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5, elementwise_affine=False), nn.Linear(5, 3)),
        vectors,
    ),
    "layer norm of images": (
        lambda: flat(nn.Conv2d(2, 3, 3), nn.LayerNorm([3, 3, 3]), nn.Tanh(), features=27),
        images,
    ),
    "group norm": (lambda: flat(nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4), nn.ReLU(), features=36), images),
    "instance norm": (
        lambda: flat(nn.Conv2d(2, 3, 3), nn.InstanceNorm2d(3, affine=True), nn.Tanh(), features=27),
        images,
    ),
    "RMS norm": (lambda: nn.Sequential(nn.Linear(4, 5), nn.RMSNorm(5), nn.Linear(5, CLASSES)), vectors),
    "local response norm": (lambda: flat(nn.Conv2d(2, 3, 3), nn.LocalResponseNorm(2), features=27), images),
    "transposed convolution": (
        lambda: flat(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.ConvTranspose2d(3, 2, 2, stride=2), features=72),
        images,
    ),
    "grouped convolution": (
        lambda: flat(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 2, groups=2), features=16),
        images,
    ),
    "depthwise convolution": (
        lambda: flat(nn.Conv2d(2, 4, 1), nn.Conv2d(4, 4, 3, groups=4, padding=1), nn.ReLU(), features=100),
        images,
    ),
    "convolution on circles": (
        lambda: flat(nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"), features=50),
        images,
    ),
    "convolution in one dimension": (
        lambda: flat(nn.Conv1d(3, 4, 2), nn.ReLU(), nn.MaxPool1d(2), features=4),
        lambda: sequences(4, 3),
    ),
    "convolution in three dimensions": (
        lambda: flat(nn.Conv3d(1, 2, 2), nn.Tanh(), features=16),
        lambda: torch.randn(SAMPLES, 1, 3, 3, 3, dtype=torch.float64),
    ),
    "linear on places": (lambda: flat(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2), features=6), sequences),
    "PReLU": (lambda: nn.Sequential(nn.Linear(4, 5), nn.PReLU(), nn.Linear(5, CLASSES)), vectors),
    "ELU, Mish and GLU": (
        lambda: nn.Sequential(nn.Linear(4, 6), nn.ELU(), nn.Linear(6, 6), nn.Mish(), nn.GLU(), nn.Linear(3, CLASSES)),
        vectors,
    ),
    "log softmax": (lambda: nn.Sequential(nn.Linear(4, CLASSES), nn.LogSoftmax(1)), vectors),
    "bilinear": (lambda: Does(lambda m, x: m.form(x, x), form=nn.Bilinear(4, 4, CLASSES)), vectors),
    "upsampling": (lambda: flat(nn.Conv2d(2, 2, 3), nn.Upsample(scale_factor=2), features=72), images),
    "pixel shuffle": (lambda: flat(nn.Conv2d(2, 4, 2), nn.PixelShuffle(2), nn.ReLU(), features=64), images),
    "block with a tuple": (
        lambda: Does(lambda m, x: m.head(torch.mul(*m.pair(x)).sigmoid()), pair=Pair(), head=nn.Linear(5, CLASSES)),
        vectors,
    ),
    "gate": (
        lambda: Does(lambda m, x: m.c(m.a(x) * m.b(x).sigmoid()), **linears(a=(4, 5), b=(4, 5), c=(5, CLASSES))),
        vectors,
    ),
    "sum that broadcasts": (
        lambda: Does(lambda m, x: m.c(torch.tanh(m.a(x) + m.b(x))), **linears(a=(4, 5), b=(4, 1), c=(5, CLASSES))),
        vectors,
    ),
    "context of an image": (
        lambda: Does(
            lambda m, x: m.head((m.first(x) + m.gate(m.first(x).mean((2, 3), keepdim=True))).flatten(1)),
            first=nn.Conv2d(2, 3, 3),
            gate=nn.Conv2d(3, 3, 1),
            head=nn.Linear(27, CLASSES),
        ),
        images,
    ),
    "squeeze and excitation": (
        lambda: Does(
            lambda m, x: m.head((m.first(x) * m.gate(m.first(x).mean((2, 3)))[..., None, None].sigmoid()).flatten(1)),
            first=nn.Conv2d(2, 3, 3),
            gate=nn.Linear(3, 3),
            head=nn.Linear(27, CLASSES),
        ),
        images,
    ),
    "concatenation": (
        lambda: Does(lambda m, x: m.b(torch.cat([x, m.a(x).relu()], 1)), **linears(a=(4, 5), b=(9, CLASSES))),
        vectors,
    ),
    "by keyword": (
        lambda: Does(lambda m, x: m.b(input=F.relu(input=m.a(input=x))), **linears(a=(4, 5), b=(5, 3))),
        vectors,
    ),
    "constants": (
        lambda: Does(lambda m, x: 2 * m.b(1 - m.a(x).relu()) / 3 + 1, **linears(a=(4, 5), b=(5, 3))),
        vectors,
    ),
    "in place": (lambda: Does(lambda m, x: m.b(m.a(x).mul_(2).relu_()), **linears(a=(4, 5), b=(5, 3))), vectors),
    "in place, looked at before": (
        lambda: Does(lambda m, x: m.b((lambda y: y + y.relu_())(m.a(x))), **linears(a=(4, 5), b=(5, 3))),
        vectors,
    ),
    "parameter alone": (
        lambda: Does(
            lambda m, x: m.layer(x + m.shift) * m.scale,
            layer=nn.Linear(4, 3),
            shift=nn.Parameter(torch.ones(4)),
            scale=nn.Parameter(torch.ones(())),
        ),
        vectors,
    ),
    "unused parameter": (lambda: Does(lambda m, x: m.a(x), **linears(a=(4, CLASSES), b=(2, 2))), vectors),
    "a layer twice": (lambda: Does(lambda m, x: m.b(m.a(m.a(x).tanh())), **linears(a=(4, 4), b=(4, CLASSES))), vectors),
    "branch on data": (
        lambda: Does(lambda m, x: m.a(x) if bool(x.isfinite().all()) else x, a=nn.Linear(4, 3)),
        vectors,
    ),
    "loop over samples": (lambda: Does(lambda m, x: torch.stack([m.a(row) for row in x]), a=nn.Linear(4, 3)), vectors),
    "sorted": (lambda: nn.Sequential(nn.Linear(4, 5), Does(lambda _, x: x.sort(1).values), nn.Linear(5, 3)), vectors),
    "distances": (
        lambda: Does(lambda m, x: -(x[:, None] - m.centres).square().sum(2), centres=nn.Parameter(torch.ones(3, 4))),
        vectors,
    ),
    "einsum": (
        lambda: Does(lambda m, x: torch.einsum("ni,ijk,nj->nk", x, m.form, x), form=nn.Parameter(torch.ones(4, 4, 3))),
        vectors,
    ),
    "hook": (hooked, vectors),
    "pruned": (pruned, vectors),
    "spectral norm by hook": (spectral_by_hook, vectors),
    "spectral norm": (
        lambda: nn.Sequential(parametrizations.spectral_norm(nn.Linear(4, 5)), nn.Tanh(), nn.Linear(5, CLASSES)),
        vectors,
    ),
    "orthogonal": (
        lambda: nn.Sequential(
            parametrizations.orthogonal(nn.Linear(4, 4), orthogonal_map="cayley"), nn.Tanh(), nn.Linear(4, 3)
        ),
        vectors,
    ),
    "data parallel inside": (
        lambda: nn.Sequential(nn.DataParallel(nn.Linear(4, 5)), nn.ReLU(), nn.Linear(5, 3)),
        vectors,
    ),
}
"""By name: what builds the model, and its inputs."""


def built(name):
    """A model in float64 and eval mode with parameters of order one, inputs, and class indices."""
    torch.manual_seed(0)
    make, draw = MODELS[name]
    inputs = draw()
    model = make().double().eval()
    with torch.no_grad():
        model(inputs.clone())  # lazy layers get their shapes
        for parameter in model.parameters():
            nn.init.normal_(parameter, mean=0.3, std=0.5)
    return model, inputs, torch.randint(0, CLASSES, (SAMPLES,))
