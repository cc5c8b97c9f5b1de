"""Ways to compute the same training: which there are, and what each is made of."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args

import torch
from torch import nn

from lossbasins.specs.entries import FULL_BATCH_METHODS
from lossbasins.training.batched import batched, can_be_batched
from lossbasins.training.networks import Forward, Networks, SingleNetwork, StackedNetworks, can_be_stacked, vmapped
from lossbasins.training.objective import Problem
from lossbasins.training.passes import CapturedPass, EagerPass, Pass

Route = Literal["single", "vmap", "bmm", "graph-single", "graph-vmap", "graph-bmm"]
"""`single`: one replica, a module as it is. `vmap`: a stack of replicas, by torch.vmap. `bmm`: a stack too, each layer
as one batched matrix product over unfolded windows. `graph-...`: the same with all operations of a pass in one CUDA
graph. All give the same replicas within rounding."""
ROUTES: tuple[Route, ...] = get_args(Route)
GRAPH = "graph-"
VOLUME = 5
"""Dimensions of the weights of a convolution in three."""

STACKS: Mapping[str, Callable[[nn.Module], Forward]] = {"vmap": vmapped, "bmm": batched}
"""Forward passes of a stack, by the route that takes them."""


def possible_routes(model: nn.Module, method: str, device: torch.device) -> tuple[Route, ...]:
    """The routes that can train a model.

    Replicas with buffers (batch norm) cannot be stacked, nor trained in a stack by a method that looks at all
    parameters at once. Only a GPU has graphs.

    Args:
        model: one replica.
        method: of optimisation, as an optimizer's `method`.
        device: that trains.
    """
    stackable = can_be_stacked(model) and method not in FULL_BATCH_METHODS
    possible = {"single": True, "vmap": stackable, "bmm": stackable and can_be_batched(model)}
    return tuple(
        route
        for route in ROUTES
        if possible[route.removeprefix(GRAPH)] and (device.type == "cuda" or not route.startswith(GRAPH))
    )


def is_stacked(route: Route) -> bool:
    """Whether a route trains many replicas at once."""
    return route.removeprefix(GRAPH) in STACKS


def memory_format(route: Route, method: str, model: nn.Module) -> torch.memory_format:
    """How the weights of convolutions lie in memory.

    With channels last, one network's pools and convolutions are quicker. vmap knows no such order: it would fall back
    to one replica after another. Nor do methods that take all gradients for one vector, nor convolutions of volumes.

    Args:
        route: of the training.
        method: of optimisation.
        model: one replica.
    """
    volumes = any(values.dim() == VOLUME for values in model.parameters())
    if is_stacked(route) or method in FULL_BATCH_METHODS or volumes:
        return torch.contiguous_format
    return torch.channels_last


def build_networks(route: Route, models: Sequence[nn.Module]) -> Networks:
    """Replicas as a route computes them.

    Args:
        route: one of `possible_routes`.
        models: of one architecture, on one device; one only, unless the route stacks.
    """
    if is_stacked(route):
        return StackedNetworks(models, STACKS[route.removeprefix(GRAPH)])
    (model,) = models
    return SingleNetwork(model)


def build_pass(route: Route, networks: Networks, problem: Problem, *, mixed_precision: bool) -> Pass:
    """How a route computes the gradients of a step.

    Args:
        route: one of `possible_routes`.
        networks: as `build_networks` made them for it.
        problem: the data.
        mixed_precision: whether products are taken in bfloat16.
    """
    eager = EagerPass(networks, problem, mixed_precision=mixed_precision)
    return CapturedPass(eager, networks) if route.startswith(GRAPH) else eager
