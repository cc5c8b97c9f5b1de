"""Batch size table (E2, the table of section 3.1): full against mini batches, and against bad solutions."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from lossbasins.specs import base
from lossbasins.specs.comparison import Runs


class BatchSizeChoices(base.Spec):
    """What is compared, as a configuration says it."""

    full: str
    """Name of the optimizer whose batch is full."""
    mini: str
    """Name of the optimizer whose batch is not, which trains the bad solutions too."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""


class Spec(Runs, BatchSizeChoices):
    """Which runs to compare: of each model those with full batches, mini batches, and mini batches attacked."""


@dataclass(frozen=True)
class Inputs:
    """One file per run."""

    evaluation: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """One row per replica, and the table with one row per model."""

    points: Path
    csv: Path
    md: Path
    tex: Path
