"""What the stage kick takes; apart, so that what tables say of runs concerns no kick."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base
from lossbasins.specs.entries import ModelSpec
from lossbasins.specs.polish import PolishChoices

Kind = Literal["whole", "layers"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Of kicks: of one length in all parameters together, or in each tensor in proportion to its norm."""


class KickChoices(base.Spec):
    """Which kicks, as a configuration says it."""

    radii: tuple[PositiveFloat, ...] = Field(min_length=2)
    """Lengths of the kicks as shares of |w|, from the smallest on."""
    kicks: PositiveInt
    """Of each kind and radius from every solution."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if any(larger <= smaller for smaller, larger in pairwise(self.radii)):
            raise PydanticCustomError("no_order", "radii: allowed: from the smallest on, each once")
        return self


class KickSpec(KickChoices):
    """What determines the kicks of a run at a point, given its split and its solutions."""

    model: ModelSpec
    descent: PolishChoices
    """As solutions were brought to that point."""
    seed: NonNegativeInt
    """Of all directions."""


@dataclass(frozen=True)
class KickInputs:
    """The solutions, and which of them are fitted."""

    split: Path
    solutions: Path
    evaluation: Path


@dataclass(frozen=True)
class KickOutputs:
    """One row per fitted replica and kick; see `kicks.Kicked`."""

    kicks: Path
