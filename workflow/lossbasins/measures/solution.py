"""A solution as measures see it, and what they say of it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from lossbasins.curvature.objective import Objective
from lossbasins.data.tensors import Part

Arrays = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Progress:
    """How a long measure shows how far it is, and goes on from where its job was killed."""

    state: Any = None
    """What was kept last; None at the start."""
    keep: Callable[[str, float, Callable[[], Any]], None] = lambda *_: None
    """Takes a line, the share that is done, and what gives the state: dicts, lists, plain values and tensors."""


@dataclass(frozen=True)
class Solution:
    """A fitted replica."""

    model: nn.Module
    """In eval mode, in the precision of the measure."""
    train: Part
    """The training set, in the same precision."""
    seed: int
    """Of random numbers, one for each measure and solution."""
    arrays: Mapping[str, Arrays] = field(default_factory=dict)
    """Of each measure that this one reads, by name."""
    initial: Tensor | None = None
    """The parameter vector (P,) that training began with, in float32 on the CPU, where that is known."""
    progress: Progress = field(default_factory=Progress)
    """Of a measure that takes minutes."""

    @cached_property
    def objective(self) -> Objective:
        """L_S, the mean training loss, as a function of the parameters."""
        return Objective(self.model, self.train.inputs, self.train.labels)


@dataclass(frozen=True)
class Measured:
    """A number with its error."""

    value: float
    """NaN where it is missing."""
    standard_error: float = 0.0
    """0 for an exact value."""
    gradients: int = 0
    """What it cost: gradients of L_S, or Hessian-vector products; 0 of a dense Hessian and of forward passes."""
    reason: str = ""
    """Why the value is missing; empty where it is not."""

    @classmethod
    def missing(cls, reason: str, gradients: int = 0) -> Self:
        """No value, and why."""
        return cls(math.nan, math.nan, gradients, reason)
