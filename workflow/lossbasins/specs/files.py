"""Files that stages of many experiments read and write alike."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class NoFiles:
    """Nothing is read: all is in the specification."""


@dataclass(frozen=True)
class Evaluations:
    """How the solutions of each run came out: one file per run."""

    evaluation: tuple[Path, ...]


@dataclass(frozen=True)
class Images:
    """The training, attack and test images of one data set."""

    split: Path


@dataclass(frozen=True)
class Table:
    """A table, whole for machines and rounded for people."""

    csv: Path
    md: Path
    tex: Path


@dataclass(frozen=True)
class TableWithPoints(Table):
    """A table, and one row per solution behind it."""

    points: Path


@dataclass(frozen=True)
class Drawn:
    """The table that a figure draws."""

    table: Path


@dataclass(frozen=True)
class DrawnWithPoints(Drawn):
    """A table, and the solutions behind it, that a figure draws."""

    points: Path


@dataclass(frozen=True)
class Drawing:
    """One drawing in three formats."""

    pdf: Path
    svg: Path
    png: Path
