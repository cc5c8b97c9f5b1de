"""Models that people write themselves: computed weights, transforms, recurrences by hand, losses of structure."""

import warnings

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from tests.curvature.zoo import CLASSES, Does, Recurrent, encoder, flat, images, linears, sequences, tokens, vectors


def parameter(*size):
    return nn.Parameter(torch.ones(size))


def hypernetwork(model, inputs):
    weights = model.weights(model.code.tanh()).reshape(CLASSES, 4)
    return F.linear(inputs, weights)


def hypernetwork_by_sample(model, inputs):
    weights = model.weights(inputs).reshape(len(inputs), CLASSES, 4)
    return torch.bmm(weights, inputs[:, :, None])[:, :, 0]


def by_hand(model, inputs):
    state = inputs.new_zeros(len(inputs), 3)
    for step in range(inputs.shape[1]):
        state = torch.tanh(model.into(inputs[:, step]) + model.on(state))
    return model.head(state)


def fixed_point(model, inputs):
    state = torch.zeros_like(inputs)
    for _ in range(4):
        state = torch.tanh(0.3 * model.on(state) + inputs)
    return model.head(state)


def neural_ode(model, inputs):
    state = inputs
    for _ in range(3):
        middle = state + 0.05 * model.field(state).tanh()
        state = state + 0.1 * model.field(middle).tanh()
    return model.head(state)


def experts(model, inputs):
    gates = model.gate(inputs).softmax(1)
    outputs = torch.stack([expert(inputs) for expert in model.experts], 1)
    return torch.einsum("ne,nec->nc", gates, outputs)


def linear_attention(model, inputs):
    queries, keys, values = (F.elu(part) + 1 for part in model.mixed(inputs).chunk(3, -1))
    context = torch.einsum("nti,ntj->nij", keys, values)
    scale = torch.einsum("nti,ni->nt", queries, keys.sum(1))
    return model.head((torch.einsum("nti,nij->ntj", queries, context) / scale[..., None]).mean(1))


def causal(model, inputs):
    queries, keys, values = model.mixed(inputs).chunk(3, -1)
    scores = queries @ keys.mT
    mask = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
    return model.head((scores.masked_fill(mask, -torch.inf).softmax(-1) @ values)[:, -1])


def masked_heads(model, inputs):
    mask = torch.ones(3, 3, dtype=torch.bool).triu(1)
    outputs, _ = model.heads(inputs, inputs, inputs, attn_mask=mask)
    return model.head(outputs[:, -1])


def tied_autoencoder(model, inputs):
    return F.linear(F.linear(inputs, model.weight).tanh(), model.weight.T, model.bias)[:, :CLASSES]


def tied_language_model(model, inputs):
    return F.linear(model.body(model.words(inputs).flatten(1)).tanh(), model.words.weight)[:, :CLASSES]


def graph_convolution(model, inputs):
    edges = torch.tensor([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5]], dtype=inputs.dtype)
    return model.b(edges @ model.a(edges @ inputs).relu()).mean(1)


def kernel_machine(model, inputs):
    distances = (inputs[:, None] - model.centres[None]).square().sum(-1)
    return torch.exp(-distances * F.softplus(model.width)) @ model.readout


def capsules(model, inputs):
    votes = torch.einsum("nd,dkc->nkc", inputs, model.votes)
    length = votes.square().sum(-1, keepdim=True)
    return (votes * length / (1 + length) / (length + 1e-6).sqrt()).sum(-1)


def log_determinant(model, inputs):
    factors = model.form(inputs).reshape(len(inputs), CLASSES, 2, 2)
    matrices = factors @ factors.mT + torch.eye(2, dtype=inputs.dtype)
    return torch.logdet(matrices)


def weight_norm_by_hook():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return nn.Sequential(nn.utils.weight_norm(nn.Linear(4, 5)), nn.Tanh(), nn.Linear(5, CLASSES))


class Normed(nn.Module):
    """Weight normalisation in elementary operations."""

    def forward(self, weight):
        return weight / weight.norm(dim=1, keepdim=True)


class Symmetric(nn.Module):
    def forward(self, weight):
        return weight.triu() + weight.triu(1).mT


class Skew(nn.Module):
    def forward(self, weight):
        return torch.matrix_exp(weight.triu(1) - weight.triu(1).mT)


def parametrized(kind, size=4):
    layer = nn.Linear(4, size)
    parametrize.register_parametrization(layer, "weight", kind())
    return nn.Sequential(layer, nn.Tanh(), nn.Linear(size, CLASSES))


def low_rank(model, inputs):
    return F.linear(inputs, model.base.weight + model.left @ model.right, model.base.bias)


UNUSUAL = {
    "hypernetwork": (lambda: Does(hypernetwork, weights=nn.Linear(2, 4 * CLASSES), code=parameter(2)), vectors),
    "hypernetwork by sample": (lambda: Does(hypernetwork_by_sample, weights=nn.Linear(4, 4 * CLASSES)), vectors),
    "recurrence by hand": (lambda: Does(by_hand, **linears(into=(4, 3), on=(3, 3), head=(3, CLASSES))), sequences),
    "fixed point": (lambda: Does(fixed_point, **linears(on=(4, 4), head=(4, CLASSES))), vectors),
    "differential equation": (lambda: Does(neural_ode, **linears(field=(4, 4), head=(4, CLASSES))), vectors),
    "mixture of experts": (
        lambda: Does(experts, gate=nn.Linear(4, 2), experts=nn.ModuleList(nn.Linear(4, CLASSES) for _ in range(2))),
        vectors,
    ),
    "linear attention": (lambda: Does(linear_attention, **linears(mixed=(4, 12), head=(4, CLASSES))), sequences),
    "causal attention": (lambda: Does(causal, **linears(mixed=(4, 12), head=(4, CLASSES))), sequences),
    "attention with a mask": (
        lambda: Does(masked_heads, heads=nn.MultiheadAttention(4, 2, batch_first=True), head=nn.Linear(4, CLASSES)),
        sequences,
    ),
    "attention with added keys": (
        lambda: Does(
            lambda m, x: m.head(m.heads(x, x, x)[0].mean(1)),
            heads=nn.MultiheadAttention(4, 2, batch_first=True, add_bias_kv=True),
            head=nn.Linear(4, CLASSES),
        ),
        sequences,
    ),
    "transformer": (
        lambda: Does(
            lambda m, x: m.head(m.body(x, x.flip(1)).mean(1)),
            body=nn.Transformer(4, 2, 1, 1, 6, batch_first=True),
            head=nn.Linear(4, CLASSES),
        ),
        sequences,
    ),
    "tied autoencoder": (lambda: Does(tied_autoencoder, weight=parameter(3, 4), bias=parameter(4)), vectors),
    "tied language model": (lambda: Does(tied_language_model, words=nn.Embedding(6, 4), body=nn.Linear(16, 4)), tokens),
    "weights of cosine similarity": (
        lambda: Does(
            lambda m, x: F.linear(F.normalize(x), F.normalize(m.weight)) * m.scale,
            weight=parameter(3, 4),
            scale=parameter(),
        ),
        vectors,
    ),
    "graph convolution": (lambda: Does(graph_convolution, **linears(a=(4, 5), b=(5, CLASSES))), sequences),
    "kernel machine": (
        lambda: Does(kernel_machine, centres=parameter(4, 4), width=parameter(), readout=parameter(4, CLASSES)),
        vectors,
    ),
    "capsules": (lambda: Does(capsules, votes=parameter(4, CLASSES, 2)), vectors),
    "log determinant": (lambda: Does(log_determinant, form=nn.Linear(4, 4 * CLASSES)), vectors),
    "Fourier layer": (
        lambda: Does(
            lambda m, x: m.head(torch.fft.irfft(torch.fft.rfft(m.a(x), dim=1) * m.filter, n=6, dim=1).tanh()),
            **linears(a=(4, 6), head=(6, CLASSES)),
            filter=parameter(4),
        ),
        vectors,
    ),
    "spectrum of a sequence": (
        lambda: Does(
            lambda m, x: m.head(torch.fft.fft(m.a(x), dim=1).abs().square().mean(1)),
            **linears(a=(4, 5), head=(5, CLASSES)),
        ),
        sequences,
    ),
    "cumulated sums": (
        lambda: Does(lambda m, x: m.b(m.a(x).cumsum(1).tanh()), **linears(a=(4, 5), b=(5, CLASSES))),
        vectors,
    ),
    "cumulated products": (
        lambda: Does(lambda m, x: m.b(m.a(x).sigmoid().cumprod(1)), **linears(a=(4, 5), b=(5, CLASSES))),
        vectors,
    ),
    "log sum exp": (
        lambda: Does(lambda m, x: m.a(x).reshape(len(x), CLASSES, 2).logsumexp(2), **linears(a=(4, 2 * CLASSES))),
        vectors,
    ),
    "maxout": (
        lambda: Does(lambda m, x: m.b(m.a(x).reshape(len(x), 3, 2).amax(2)), **linears(a=(4, 6), b=(3, 3))),
        vectors,
    ),
    "top two": (lambda: Does(lambda m, x: m.b(m.a(x).topk(2, 1).values), **linears(a=(4, 6), b=(2, CLASSES))), vectors),
    "gathered": (
        lambda: Does(lambda m, x: m.b(m.a(x).gather(1, m.a(x).argsort(1)[:, :3])), **linears(a=(4, 6), b=(3, CLASSES))),
        vectors,
    ),
    "cubic spline": (
        lambda: Does(
            lambda m, x: m.b(torch.stack([m.a(x).clamp(-1, 1) ** k for k in range(4)], -1).flatten(1)),
            **linears(a=(4, 2), b=(8, CLASSES)),
        ),
        vectors,
    ),
    "Kronecker product": (
        lambda: Does(
            lambda _, x: F.linear(x, torch.kron(_.left, _.right)), left=parameter(3, 2), right=parameter(1, 2)
        ),
        vectors,
    ),
    "low rank": (
        lambda: Does(low_rank, base=nn.Linear(4, CLASSES), left=parameter(CLASSES, 2), right=parameter(2, 4)),
        vectors,
    ),
    "a solved system": (
        lambda: Does(
            lambda m, x: torch.linalg.solve(m.form @ m.form.T + torch.eye(4, dtype=x.dtype), m.a(x).T).T[:, :CLASSES],
            form=parameter(4, 4),
            a=nn.Linear(4, 4),
        ),
        vectors,
    ),
    "weight norm in elementary operations": (lambda: parametrized(Normed), vectors),
    "a symmetric weight": (lambda: parametrized(Symmetric), vectors),
    "a rotation": (lambda: parametrized(Skew), vectors),
    "weight norm by hook": (weight_norm_by_hook, vectors),
    "weight norm": (
        lambda: nn.Sequential(parametrizations.weight_norm(nn.Linear(4, 5)), nn.Tanh(), nn.Linear(5, CLASSES)),
        vectors,
    ),
    "orthogonal by Householder": (
        lambda: nn.Sequential(
            parametrizations.orthogonal(nn.Linear(4, 3), orthogonal_map="householder"), nn.Tanh(), nn.Linear(3, 3)
        ),
        vectors,
    ),
    "spectral norm of a convolution": (
        lambda: flat(parametrizations.spectral_norm(nn.Conv2d(2, 3, 3)), nn.Tanh(), features=27),
        images,
    ),
    "LSTM with projections": (lambda: Recurrent(nn.LSTM, proj_size=2), lambda: sequences(3)),
    "LSTM cell": (
        lambda: Does(
            lambda m, x: m.head(m.cell(x[:, 1], m.cell(x[:, 0]))[0]), cell=nn.LSTMCell(4, 3), head=nn.Linear(3, 3)
        ),
        sequences,
    ),
    "RNN of rectifiers": (lambda: Recurrent(nn.RNN, nonlinearity="relu"), lambda: sequences(3)),
    "GRU in both directions": (lambda: Recurrent(nn.GRU, bidirectional=True, num_layers=2), lambda: sequences(3)),
    "convolution and recurrence": (
        lambda: Does(
            lambda m, x: m.head(m.core(m.conv(x.mT).mT.tanh())[0][:, -1]),
            conv=nn.Conv1d(4, 3, 2),
            core=nn.GRU(3, 3, batch_first=True),
            head=nn.Linear(3, CLASSES),
        ),
        sequences,
    ),
    "transposed convolution in one dimension": (
        lambda: flat(nn.ConvTranspose1d(3, 2, 2, stride=2), nn.Softsign(), features=16),
        sequences,
    ),
    "dilated and transposed": (
        lambda: flat(nn.ConvTranspose2d(2, 2, 2, dilation=2), nn.Hardswish(), nn.Conv2d(2, 1, 3), features=25),
        images,
    ),
    "power-mean pool": (lambda: flat(nn.Conv2d(2, 2, 2), nn.Softplus(), nn.LPPool2d(2, 2), features=8), images),
    "fractional upsampling": (
        lambda: flat(nn.Conv2d(2, 2, 3), nn.Upsample(size=4, mode="bilinear", align_corners=False), features=32),
        images,
    ),
    "grid sampling": (
        lambda: Does(
            lambda m, x: m.head(
                F.grid_sample(m.conv(x), m.grid.tanh().expand(len(x), -1, -1, -1), align_corners=False).flatten(1)
            ),
            conv=nn.Conv2d(2, 2, 3),
            grid=nn.Parameter(torch.linspace(-0.9, 0.8, 8).reshape(1, 2, 2, 2)),
            head=nn.Linear(8, CLASSES),
        ),
        images,
    ),
    "unfolded patches": (
        lambda: Does(
            lambda m, x: m.b(m.a(F.unfold(x, 3, stride=2).mT).tanh().mean(1)), **linears(a=(18, 4), b=(4, CLASSES))
        ),
        images,
    ),
    "patches of an image to a transformer": (
        lambda: Does(
            lambda m, x: m.head(m.body(m.patch(x).flatten(2).mT).mean(1)),
            patch=nn.Conv2d(2, 4, 2, stride=2),
            body=encoder(),
            head=nn.Linear(4, CLASSES),
        ),
        images,
    ),
    "bag of words": (
        lambda: Does(lambda m, x: m.head(m.words(x).sum(1).tanh()), words=nn.Embedding(6, 4), head=nn.Linear(4, 3)),
        tokens,
    ),
    "softmin, CELU and SELU": (
        lambda: nn.Sequential(
            nn.Linear(4, 5), nn.CELU(), nn.Linear(5, 5), nn.SELU(), nn.Softmin(1), nn.Linear(5, CLASSES)
        ),
        vectors,
    ),
    "tempered": (
        lambda: Does(lambda m, x: m.a(x) / F.softplus(m.heat), a=nn.Linear(4, CLASSES), heat=parameter()),
        vectors,
    ),
}
"""By name: what builds the model, and its inputs."""
