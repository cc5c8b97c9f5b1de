"""Basin ratio table (E8): volumes of bad basins relative to good ones."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.comparison import Comparison


class BasinRatioChoices(base.Spec):
    """Which solutions are paired, as a configuration says it."""

    below: float = Field(gt=0, lt=1)
    """Test accuracy: attacked solutions below it are bad, unattacked ones at or above it good."""
    largest_k: PositiveInt = 300
    """Of the eigenvalues that are multiplied."""
    band: float = Field(default=0.9, gt=0, lt=1)
    """Share of the pairs between its ends."""


class Spec(Comparison, BasinRatioChoices):
    """Which runs, and which of their solutions are paired."""


@dataclass(frozen=True)
class Inputs:
    """The points under each protocol, and one spectrum file per run, of the trained and of the matched solutions."""

    points: Path
    spectrum: tuple[Path, ...]
    matched_spectrum: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """The whole curve, and some of its points for print."""

    csv: Path
    md: Path
    tex: Path
