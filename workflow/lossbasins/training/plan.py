"""Which replicas train at once."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lossbasins.specs.entries import FULL_BATCH_METHODS, OptimizerSpec
from lossbasins.training.networks import can_be_stacked
from lossbasins.training.objective import Problem
from lossbasins.training.order import step_sizes

COPIES = 4
"""Times that the values of a step are held at its peak: themselves, their gradients, and what kernels need."""

STATES = 4
"""Times that the parameters are held: themselves, their gradients, and two moments."""

SHARE = 0.8
"""Of a GPU's memory that a block of replicas may take."""


@dataclass(frozen=True)
class Plan:
    """Blocks of replicas, one after another."""

    stacked: bool
    """Whether the replicas of a block are computed at once."""
    blocks: list[list[int]]


def plan_training(model: nn.Module, replicas: int, problem: Problem, optimizer: OptimizerSpec) -> Plan:
    """Stacks as many replicas as fit on a GPU; elsewhere, and where they cannot be stacked, one at a time.

    On a CPU one replica already keeps a core busy, and vmap over convolutions is slower. Replicas with buffers (batch
    norm) cannot be stacked, nor trained by a method that looks at all parameters at once.

    Args:
        model: one replica, on the CPU.
        replicas: how many.
        problem: on the device that trains.
        optimizer: how.
    """
    device = problem.train.inputs.device
    if device.type != "cuda" or not can_be_stacked(model) or optimizer.method in FULL_BATCH_METHODS:
        return Plan(stacked=False, blocks=[[replica] for replica in range(replicas)])
    memory = torch.cuda.get_device_properties(device).total_memory
    images = sum(step_sizes(problem, optimizer.batch)[0])
    size = replicas_at_once(model, problem.train.inputs[0].cpu(), images, memory)
    return Plan(
        stacked=True, blocks=[list(range(replicas))[start : start + size] for start in range(0, replicas, size)]
    )


def replicas_at_once(model: nn.Module, image: Tensor, images: int, memory: int) -> int:
    """How many stacked replicas train within a device's memory, one at least.

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
