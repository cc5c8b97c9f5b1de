"""Two-layer figure (E4, section 4)."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base


class Spec(base.Spec):
    """Nothing to choose."""


@dataclass(frozen=True)
class Inputs:
    """The table that it draws."""

    table: Path


@dataclass(frozen=True)
class Outputs:
    """One drawing in three formats."""

    pdf: Path
    svg: Path
    png: Path
