"""Models by their names, and the parameters of many replicas in one stack."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from lossbasins.specs.entries import ModelSpec
from lossbasins.specs.modules import ARCHITECTURE, load, module_name


def build_model(spec: ModelSpec, input_shape: tuple[int, ...], classes: int, seed: int = 0) -> nn.Module:
    """The network that a spec names, with its own initialisation.

    Args:
        spec: architecture and options.
        input_shape: channels, height, width of images; of other data as `data.kinds` has it.
        classes: number of outputs.
        seed: of that initialisation; what torch draws elsewhere does not depend on it.
    """
    module = load(module_name(ARCHITECTURE, spec.architecture))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return cast(nn.Module, module.build(*input_shape, classes, **spec.options))


def stack(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Parameters and buffers of replicas of one architecture, on one device: by name, of shape (replica, ...)."""
    return {name: torch.stack([state[name] for state in states]) for name in states[0]}


def load_replica(model: nn.Module, stacked: Mapping[str, Tensor], replica: int) -> None:
    """Gives a model the parameters and buffers of one replica of a stack, in the model's own dtype and device."""
    model.load_state_dict({name: values[replica] for name, values in stacked.items()})
