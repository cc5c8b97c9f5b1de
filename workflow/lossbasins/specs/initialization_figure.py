"""Initialization figure (E3): test accuracies behind Table 1, ours beside the paper's."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base


class Spec(base.Spec):
    """Nothing to choose."""


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
