"""Summary: what the study's figures say, in five lines."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base


class Spec(base.Spec):
    """Nothing to choose."""


@dataclass(frozen=True)
class Inputs:
    """The tables of every experiment."""

    spectrum: Path
    points: Path
    correlation: Path


@dataclass(frozen=True)
class Outputs:
    """Plain text."""

    summary: Path
