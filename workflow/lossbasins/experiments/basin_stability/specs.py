"""What the tables and the figure of basin_stability take."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.comparison import Comparison
from lossbasins.specs.files import Table


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
