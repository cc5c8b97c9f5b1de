"""Spectrum table (E5): the spectra of three solutions of good, middling and bad test accuracy."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import PositiveInt

from lossbasins.specs.comparison import Comparison


class Spec(Comparison):
    """Which runs to choose from."""

    top: PositiveInt
    """How many of the largest eigenvalues to compare, and the k of the log inverse volume."""


@dataclass(frozen=True)
class Inputs:
    """One file per run each."""

    evaluation: tuple[Path, ...]
    spectrum: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """The eigenvalues of the three in long form; one row per replica (csv) and the table of the three (md, tex)."""

    eigenvalues: Path
    csv: Path
    md: Path
    tex: Path
