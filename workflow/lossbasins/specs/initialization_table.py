"""Initialization table (E3, the paper's Table 1): accuracies of several initialisations, ours beside the paper's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.comparison import Runs

Published = tuple[Annotated[float, Field(ge=0, le=100)], NonNegativeFloat]
"""Mean and standard deviation in percent, as printed."""


class Row(base.Spec):
    """A row of the paper's table."""

    train: Published
    """Training accuracy: mean and standard deviation, %."""
    test: Published
    """Test accuracy, likewise."""


class Paper(base.Spec):
    """What the paper trained."""

    name: str
    """Network and data."""
    training_images: PositiveInt
    """Size of its training set."""
    runs: int = Field(ge=2)
    """Solutions behind each mean."""


class Case(base.Spec):
    """One network under several initialisations."""

    dataset: str
    """Name of an entry of `datasets`."""
    model: str
    """Name of an entry of `models`."""
    optimizer: str
    """Name of an entry of `optimizers`."""
    paper: Paper
    """Its counterpart."""
    inits: dict[str, Row] = Field(min_length=2)
    """By name of an entry of `inits`, the row that it stands beside; the paper names the last one's alone."""

    @property
    def name(self) -> str:
        """In print."""
        return f"{self.model} on {self.dataset}"


class InitializationChoices(base.Spec):
    """What is compared, as a configuration says it."""

    cases: tuple[Case, ...] = Field(min_length=1)
    """The columns of Table 1."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""


class Spec(Runs, InitializationChoices):
    """Which runs to compare with what."""

    training_images: tuple[PositiveInt, ...]
    """Size of our training set in each case."""


@dataclass(frozen=True)
class Inputs:
    """One file per run."""

    evaluation: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """One row per replica, one per case, and the table with one row per case and initialisation."""

    points: Path
    spread: Path
    csv: Path
    md: Path
    tex: Path
