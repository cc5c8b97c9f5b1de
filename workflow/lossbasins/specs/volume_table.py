"""Volume table (E6): basin volume and Frobenius norm against test accuracy, and their rank correlations."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, NonNegativeInt, PositiveInt

from lossbasins.specs.comparison import Comparison


class Spec(Comparison):
    """Which runs to compare, and how."""

    top: PositiveInt
    """The k of the log inverse volume."""
    resamples: PositiveInt
    """Of the bootstrap."""
    confidence: float = Field(gt=0, lt=1)
    """Of its intervals."""
    smallest_group: int = Field(default=5, ge=3)
    """Fewer solutions than this get no correlation."""
    seed: NonNegativeInt
    """Of the bootstrap."""


@dataclass(frozen=True)
class Inputs:
    """One file per run each."""

    evaluation: tuple[Path, ...]
    spectrum: tuple[Path, ...]
    frobenius: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """One row per replica of every run, and the table of correlations."""

    points: Path
    csv: Path
    md: Path
    tex: Path
