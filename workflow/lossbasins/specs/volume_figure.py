"""Volume figure (E6, the paper's Fig. 3)."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import PositiveInt

from lossbasins.specs import base


class Spec(base.Spec):
    """What is drawn."""

    top: PositiveInt
    """The k of the log inverse volume."""


@dataclass(frozen=True)
class Inputs:
    """The tables that it draws."""

    points: Path
    table: Path


@dataclass(frozen=True)
class Outputs:
    """One drawing in three formats."""

    pdf: Path
    svg: Path
    png: Path
