"""Every method and route trains every architecture as plain torch does: in float64, where rounding stays small."""

import contextlib
import importlib

import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.data.tensors import Part
from lossbasins.models.initialisation import initialise
from lossbasins.models.registry import build_model
from lossbasins.specs.entries import InitSpec, ModelSpec, OptimizerSpec
from lossbasins.specs.modules import METHOD, choices, module_name
from lossbasins.training.batched import batched
from lossbasins.training.loop import Replica, start_training
from lossbasins.training.objective import Problem
from lossbasins.training.order import generator_of
from lossbasins.training.routes import ROUTES, is_stacked, possible_routes
from tests.training.graphs import pretend_graphs

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)
OPTIONS = {
    "fnn": {"hidden": [5]},
    "mlenet": {"widths": [2, 3]},
    "lenet": {"widths": [2, 3, 4]},
    "snin": {"widths": [2, 3, 3]},
    "resnet18": {"base": 2},
    "resnet32": {"base": 1},
}
STACKABLE = ["fnn", "mlenet", "lenet", "snin"]
GRAPHED = [(name, route) for name in STACKABLE for route in ROUTES if route != "single"]
GRAPHED += [(name, "graph-single") for name in ("resnet18", "resnet32")]
RATES = {"sgd": 0.05, "momentum": 0.02, "adam": 0.003, "rmsprop": 0.001, "lbfgs": 0.5}
EPOCHS = 3


def build(architecture):
    return build_model(ModelSpec(architecture=architecture, options=OPTIONS[architecture]), (1, 28, 28), 10).double()


def pictures(count, seed):
    generator = torch.Generator().manual_seed(seed)
    return Part(torch.randn(count, 1, 28, 28, generator=generator, dtype=torch.float64), torch.arange(count) % 10)


def problem():
    return Problem(pictures(12, seed=1), pictures(4, seed=2), 0.3)


def trained(architecture, seeds, route, **changes):
    """Parameters and buffers of each replica."""
    replicas = {number: Replica(build(architecture), InitSpec(), seed) for number, seed in enumerate(seeds)}
    values = {"method": "momentum", "learning_rate": 0.02, "batch": 5, "epochs": EPOCHS} | changes
    training = start_training(replicas, problem(), OptimizerSpec(**values), route=route)
    while training.live:
        training.advance()
    return training.finished


def plainly_trained(architecture, seed, method):
    """A loop over full batches, as a tutorial has it."""
    model = build(architecture)
    initialise(model, InitSpec(), generator_of(np.random.SeedSequence(seed).spawn(3)[0]))
    optimizer = importlib.import_module(module_name(METHOD, method)).build(model.parameters(), RATES[method])
    data = problem()
    cross_entropy = nn.functional.cross_entropy

    def closure():
        optimizer.zero_grad()
        logits = model(torch.cat([data.train.inputs, data.attack.inputs]))
        loss = cross_entropy(logits[:12], data.train.labels) + 0.3 * cross_entropy(logits[12:], data.attack.labels)
        loss.backward()
        return loss

    for _ in range(EPOCHS):
        optimizer.step(closure)
    return model.state_dict()


def test_all_methods_and_architectures_are_tried():
    assert set(RATES) == set(choices(METHOD))


@pytest.mark.parametrize("method", RATES)
@pytest.mark.parametrize("architecture", OPTIONS)
def test_every_method_trains_every_architecture_as_plain_torch_does(architecture, method):
    found = trained(architecture, [7], "single", method=method, batch="full", learning_rate=RATES[method])
    for name, values in plainly_trained(architecture, 7, method).items():
        torch.testing.assert_close(found[0][name], values, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("architecture", "route"), GRAPHED)
def test_every_route_trains_as_single_replicas_do(architecture, route):
    seeds = [3, 4] if is_stacked(route) else [4]
    with pretend_graphs() if route.startswith("graph") else contextlib.nullcontext() as graphs:
        found = trained(architecture, seeds, route)
    for number, seed in enumerate(seeds):
        alone = trained(architecture, [seed], "single")[0]
        for name, values in found[number].items():
            torch.testing.assert_close(values, alone[name], rtol=1e-8, atol=1e-10)
    if graphs:
        # A graph for each size of a step, of which an epoch has two and one.
        assert [graph.replays for graph in graphs] == [2 * EPOCHS, EPOCHS]


@pytest.mark.parametrize("architecture", OPTIONS)
def test_routes_that_are_possible(architecture):
    stacks = ("vmap", "bmm") if architecture in STACKABLE else ()
    graphs = tuple(f"graph-{route}" for route in ("single", *stacks))
    assert possible_routes(build(architecture), "adam", CPU) == ("single", *stacks)
    assert possible_routes(build(architecture), "adam", GPU) == ("single", *stacks, *graphs)
    assert possible_routes(build(architecture), "lbfgs", GPU) == ("single", "graph-single")


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Conv2d(1, 2, 3, padding="same")],
        [nn.Conv2d(2, 2, 3, groups=2)],
        [nn.Conv2d(1, 2, 3, dilation=2)],
        [nn.Flatten(2)],
        [nn.Tanh()],
    ],
)
def test_a_network_with_a_layer_that_has_no_rule_is_not_batched(layers):
    assert possible_routes(nn.Sequential(*layers), "sgd", CPU) == ("single", "vmap")
    assert possible_routes(nn.Sequential(nn.Sequential(*layers), nn.ReLU()), "sgd", CPU) == ("single", "vmap")


def test_batched_convolutions_pad_and_stride_as_torch_s_do():
    model = nn.Sequential(
        nn.Conv2d(1, 3, (3, 5), stride=(2, 1), padding=(1, 2), bias=False),
        nn.Sequential(nn.MaxPool2d(3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2)),
        nn.Flatten(),
        nn.Flatten(),
        nn.Linear(12, 4, bias=False),
    ).double()
    inputs = torch.randn(2, 5, 1, 9, 9, dtype=torch.float64)
    stacked = {name: torch.stack([values, -2 * values]) for name, values in model.state_dict().items()}
    found = batched(model)(stacked, inputs)
    for replica in range(2):
        model.load_state_dict({name: values[replica] for name, values in stacked.items()})
        torch.testing.assert_close(found[replica], model(inputs[replica]))
