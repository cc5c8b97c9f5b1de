"""A solution as measures see it, and what they say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from torch import nn

from lossbasins.curvature.objective import Objective
from lossbasins.data.tensors import Part

Arrays = Mapping[str, npt.NDArray[np.generic]]


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
    """What it cost: gradients of L_S, or Hessian-vector products."""
    reason: str = ""
    """Why the value is missing; empty where it is not."""
