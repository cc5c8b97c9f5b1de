"""Explore: every solution of a study in one page to look around in."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.protocols import ProtocolChoices
from lossbasins.specs.runs import RunSpec


class Point(base.Spec):
    """The solutions of one run at one point of their way."""

    run: RunSpec
    point: str
    polished: bool
    """Whether L_S alone was descended to get there."""
    loss: PositiveFloat | None
    """L_S that it was descended to, if to one."""
    values: NonNegativeInt
    """How many of the inputs `values` are of these."""
    spectrum: bool
    """Whether the next of the inputs `spectrum` is of these."""


class Spec(base.Spec):
    """What is shown."""

    study: str
    points: tuple[Point, ...] = Field(min_length=1)
    """In the order of the inputs `evaluation`."""
    protocols: ProtocolChoices
    top: PositiveInt | None
    """The k of the log inverse volume; None where no landscape says one."""


@dataclass(frozen=True)
class Inputs:
    """How the solutions of each point came out, and what was measured of them."""

    evaluation: tuple[Path, ...]
    values: tuple[Path, ...]
    """Numbers, of some points several files."""
    spectrum: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """A page that needs nothing beside it."""

    page: Path
