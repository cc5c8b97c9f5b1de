"""Basin ratio figure (E8)."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base


class Spec(base.Spec):
    """Nothing is chosen."""


@dataclass(frozen=True)
class Inputs:
    """The tables that it draws."""

    ratio: Path
    starts: Path
    shares: Path


@dataclass(frozen=True)
class Outputs:
    """One drawing in three formats."""

    pdf: Path
    svg: Path
    png: Path
