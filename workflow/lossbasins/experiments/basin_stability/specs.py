"""What the stages of basin_stability take."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base
from lossbasins.specs.comparison import Comparison
from lossbasins.specs.entries import ModelSpec
from lossbasins.specs.files import Table
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


class ReturnChoices(base.Spec):
    """What counts as a return, and which solutions are good and bad, as a configuration says it."""

    within: float = Field(gt=0, lt=1)
    """Difference of test accuracy from that before the kick up to which a solution has come back."""
    below: float = Field(gt=0, lt=1)
    """Test accuracy: attacked solutions below it are bad, unattacked ones at or above it good."""
    loss_within: PositiveFloat = 0.2
    """Relative difference of L_S from its target that is allowed before the kick."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""
    resamples: PositiveInt = 2000
    """Draws behind each interval."""


class ReturnSpec(Comparison, ReturnChoices):
    """Which runs, and what counts as a return."""

    loss: PositiveFloat
    """Target of the descents."""
    seed: NonNegativeInt
    """Of the intervals."""


@dataclass(frozen=True)
class ReturnInputs:
    """One file per run each, of the solutions before their kicks and of the kicks."""

    evaluation: tuple[Path, ...]
    kicks: tuple[Path, ...]


@dataclass(frozen=True)
class ReturnOutputs(Table):
    """One row per solution and kind of kick, and `curves`: one row per radius too."""

    curves: Path


class ComparedChoices(base.Spec):
    """How good and bad solutions are compared, as a configuration says it."""

    norm_within: float = Field(default=0.1, gt=0)
    """Relative difference up to which two |w| count as equal."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""
    resamples: PositiveInt = 2000
    """Draws behind each interval."""
    smallest_group: int = Field(default=5, ge=3)
    """Fewer solutions than this get no correlation."""


class ComparedSpec(ComparedChoices):
    """How good and bad solutions are compared."""

    seed: NonNegativeInt
    """Of the intervals."""


@dataclass(frozen=True)
class CurveInputs:
    """The solutions, and their curves."""

    table: Path
    curves: Path
