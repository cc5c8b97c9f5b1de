"""Curve fitting figure (E1, the paper's Fig. 1)."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base


class Spec(base.Spec):
    """Nothing to choose."""


@dataclass(frozen=True)
class Inputs:
    """The tables that it draws."""

    curves: Path
    table: Path


@dataclass(frozen=True)
class Outputs:
    """One drawing in three formats."""

    pdf: Path
    svg: Path
    png: Path
