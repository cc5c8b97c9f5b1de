"""Spectrum figure (E5, the paper's Fig. 2)."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import PositiveInt

from lossbasins.specs import base


class Spec(base.Spec):
    """What is drawn."""

    top: PositiveInt
    """How many of the largest eigenvalues to compare."""


@dataclass(frozen=True)
class Inputs:
    """The tables that it draws."""

    eigenvalues: Path
    table: Path


@dataclass(frozen=True)
class Outputs:
    """One drawing in three formats."""

    pdf: Path
    svg: Path
    png: Path
