"""Starts table (E8): how often a random start ends in a bad minimum."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from lossbasins.specs import base
from lossbasins.specs.comparison import Comparison


class StartsChoices(base.Spec):
    """What counts as bad, as a configuration says it."""

    below: float = Field(gt=0, lt=1)
    """Test accuracy below which a minimum is bad."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the upper bound."""


class Spec(Comparison, StartsChoices):
    """Which unattacked runs, and what counts as bad."""


@dataclass(frozen=True)
class Inputs:
    """One file per run."""

    evaluation: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """One row per start, and the shares."""

    starts: Path
    csv: Path
    md: Path
    tex: Path
