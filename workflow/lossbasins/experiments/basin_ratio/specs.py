"""What the stages of basin_ratio take."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.comparison import Comparison
from lossbasins.specs.files import Table


class RatioChoices(base.Spec):
    """Which solutions are paired, as a configuration says it."""

    below: float = Field(gt=0, lt=1)
    """Test accuracy: attacked solutions below it are bad, unattacked ones at or above it good."""
    largest_k: PositiveInt = 300
    """Of the eigenvalues that are multiplied."""
    band: float = Field(default=0.9, gt=0, lt=1)
    """Share of the pairs between its ends."""


class RatioSpec(Comparison, RatioChoices):
    """Which runs, and which of their solutions are paired."""


@dataclass(frozen=True)
class RatioInputs:
    """The points under each protocol, and one spectrum file per run, of the trained and of the matched solutions."""

    points: Path
    spectrum: tuple[Path, ...]
    matched_spectrum: tuple[Path, ...]


class StartsChoices(base.Spec):
    """What counts as bad, as a configuration says it."""

    below: float = Field(gt=0, lt=1)
    """Test accuracy below which a minimum is bad."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the upper bound."""


class StartsSpec(Comparison, StartsChoices):
    """Which unattacked runs, and what counts as bad."""


@dataclass(frozen=True)
class StartsOutputs(Table):
    """The shares, and one row per start."""

    starts: Path


@dataclass(frozen=True)
class FigureInputs:
    """The tables that it draws."""

    ratio: Path
    starts: Path
    shares: Path
