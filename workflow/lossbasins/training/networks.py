"""Replicas as the training loop sees them: one network at a time, or all in one stack."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Protocol

import torch
from torch import Tensor, nn

from lossbasins.models.registry import load_replica, stack

Forward = Callable[[dict[str, Tensor], Tensor], Tensor]
"""From stacked parameters (R, ...) by name, and inputs (R, n, ...), to logits (R, n, classes)."""


class Networks(Protocol):
    """R replicas of one architecture, which do not know of each other."""

    def parameters(self) -> list[Tensor]:
        """What an optimizer changes."""

    def logits(self, inputs: Tensor) -> Tensor:
        """From (R, n, channels, height, width), images of each replica, to (R, n, classes)."""

    def train(self, training: bool) -> None:
        """Whether layers behave as in training."""

    def state(self) -> dict[str, Tensor]:
        """Parameters and buffers by name, of shape (R, ...)."""

    def load(self, state: dict[str, Tensor]) -> None:
        """Takes over parameters and buffers of as many replicas."""

    def keep(self, positions: list[int]) -> None:
        """Drops all other replicas; `parameters` are new tensors after it."""


class SingleNetwork:
    """One replica: an ordinary module."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model

    def parameters(self) -> list[Tensor]:
        """Those of the module."""
        return list(self._model.parameters())

    def logits(self, inputs: Tensor) -> Tensor:
        """From (1, n, ...) to (1, n, classes)."""
        return self._model(inputs[0])[None]  # type: ignore[no-any-return]

    def train(self, training: bool) -> None:
        """Sets the module's mode."""
        self._model.train(training)

    def state(self) -> dict[str, Tensor]:
        """With a first dimension of one."""
        return stack([self._model.state_dict()])

    def load(self, state: dict[str, Tensor]) -> None:
        """Into the module."""
        load_replica(self._model, state, 0)

    def keep(self, positions: list[int]) -> None:
        """The one replica cannot be dropped."""
        assert positions == [0]


class StackedNetworks:
    """Many replicas, computed at once over stacked parameters.

    Args:
        models: without buffers, on one device.
        forward: gives, for a model of that architecture, a function from stacked parameters by name and from inputs
            (R, n, ...) to logits (R, n, classes).

    Raises:
        ValueError: a model has buffers, as batch norm does, which cannot be shared.
    """

    def __init__(self, models: Sequence[nn.Module], forward: Callable[[nn.Module], Forward]) -> None:
        if not can_be_stacked(models[0]):
            raise ValueError("networks with buffers, such as batch norm, train one after another")
        self._model = deepcopy(models[0]).to("meta")
        self._forward = forward(self._model)
        stacked = stack([model.state_dict() for model in models])
        self._stacked = {name: values.requires_grad_() for name, values in stacked.items()}

    def parameters(self) -> list[Tensor]:
        """Stacked, of shape (R, ...)."""
        return list(self._stacked.values())

    def logits(self, inputs: Tensor) -> Tensor:
        """From (R, n, ...) to (R, n, classes)."""
        return self._forward(self._stacked, inputs)

    def train(self, training: bool) -> None:
        """Sets the mode of the module that all share."""
        self._model.train(training)

    def state(self) -> dict[str, Tensor]:
        """A copy of the stack."""
        return {name: values.detach().clone() for name, values in self._stacked.items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Into the stack."""
        with torch.no_grad():
            for name, values in self._stacked.items():
                values.copy_(state[name])

    def keep(self, positions: list[int]) -> None:
        """A smaller stack."""
        self._stacked = {
            name: values.detach()[positions].clone().requires_grad_() for name, values in self._stacked.items()
        }


def vmapped(model: nn.Module) -> Forward:
    """The forward pass of many replicas of any model, by torch.vmap."""

    def logits_of_one(parameters: dict[str, Tensor], images: Tensor) -> Tensor:
        return torch.func.functional_call(model, parameters, (images,))  # type: ignore[no-any-return]

    return torch.vmap(logits_of_one)


def can_be_stacked(model: nn.Module) -> bool:
    """Whether many replicas of a model can be one stack."""
    return not list(model.buffers())
