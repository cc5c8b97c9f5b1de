"""What the stages of initialization take."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.comparison import Runs
from lossbasins.specs.files import TableWithPoints

Published = tuple[Annotated[float, Field(ge=0, le=100)], NonNegativeFloat]
"""Mean and standard deviation in percent, as printed."""


class Printed(base.Spec):
    """What the paper prints of an initialisation."""

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


class CaseChoices(base.Spec):
    """One network under several initialisations, as a configuration says it."""

    dataset: str
    """Name of an entry of `datasets`."""
    model: str
    """Name of an entry of `models`."""
    optimizer: str
    """Name of an entry of `optimizers`."""
    paper: Paper
    """Its counterpart."""


class Row(Printed):
    """An initialisation of ours beside the paper's numbers."""

    init: str


class Case(CaseChoices):
    """One network under several initialisations."""

    rows: tuple[Row, ...] = Field(min_length=2)
    """In the order of print; the paper names the last one's initialisation alone."""
    training_images: PositiveInt
    """Size of our training set."""

    @property
    def name(self) -> str:
        """In print."""
        return f"{self.model} on {self.dataset}"

    @property
    def inits(self) -> list[str]:
        """Our initialisations, in the order of print."""
        return [row.init for row in self.rows]


class InitializationSpec(Runs):
    """Which runs to compare with what."""

    cases: tuple[Case, ...] = Field(min_length=1)
    """The columns of Table 1."""
    confidence: float = Field(gt=0, lt=1)
    """Of the intervals."""


@dataclass(frozen=True)
class InitializationOutputs(TableWithPoints):
    """The table with one row per case and initialisation; one row per replica, and one per case."""

    spread: Path
