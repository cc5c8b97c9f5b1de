"""Which replicas train at once, and how."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lossbasins.specs.entries import OptimizerSpec
from lossbasins.training.objective import Problem
from lossbasins.training.order import step_sizes
from lossbasins.training.routes import Route, possible_routes

STACKED: Route = "vmap"
"""The route of a GPU, where replicas can be stacked: to be chosen by what benchmarks/gpu.py measures."""

COPIES = 4
"""Times that the values of a step are held at its peak: themselves, their gradients, and what kernels need."""

STATES = 4
"""Times that the parameters are held: themselves, their gradients, and two moments."""

SHARE = 0.8
"""Of a GPU's free memory that a block of replicas may take."""


@dataclass(frozen=True)
class Plan:
    """Blocks of replicas, one after another."""

    route: Route
    """How the replicas of a block are computed."""
    blocks: list[list[int]]


def plan_training(model: nn.Module, replicas: int, problem: Problem, optimizer: OptimizerSpec) -> Plan:
    """Stacks as many replicas as fit on a GPU; elsewhere, and where they cannot be stacked, one at a time.

    On a CPU one replica already keeps a core busy, and vmap over convolutions is slower.

    Args:
        model: one replica, on the CPU.
        replicas: how many.
        problem: on the device that trains.
        optimizer: how.
    """
    device = problem.train.inputs.device
    if device.type != "cuda" or STACKED not in possible_routes(model, optimizer.method, device):
        return Plan(route="single", blocks=[[replica] for replica in range(replicas)])
    free, _ = torch.cuda.mem_get_info(device)
    images = sum(step_sizes(problem, optimizer.batch)[0])
    size = replicas_at_once(model, problem.train.inputs[0].cpu(), images, free)
    blocks = [list(range(replicas))[start : start + size] for start in range(0, replicas, size)]
    return Plan(route=STACKED, blocks=blocks)


def replicas_at_once(model: nn.Module, image: Tensor, images: int, memory: int) -> int:
    """How many stacked replicas train within a device's free memory, one at least.

    An estimate: where it is too high, a block is halved.

    Args:
        model: one replica, on the CPU.
        image: one input (channels, height, width), likewise.
        images: of one step.
        memory: bytes.
    """
    entries = [image.numel()]
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: entries.append(output.numel()))  # noqa: ARG005
        for module in model.modules()
    ]
    with torch.no_grad():
        model(image[None])
    for hook in hooks:
        hook.remove()
    parameters = sum(parameter.numel() for parameter in model.parameters())
    each = image.element_size() * (COPIES * images * sum(entries) + STATES * parameters)
    return max(1, int(SHARE * memory) // each)
