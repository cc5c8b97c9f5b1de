"""Polish table: what descending L_S alone does to solutions, and above all to their test accuracy."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs.comparison import Comparison
from lossbasins.specs.polish import Target


class Spec(Comparison):
    """Which runs, and how far they were polished."""

    target: Target


@dataclass(frozen=True)
class Inputs:
    """One file per run each: evaluations before and after, and how far each replica came."""

    before: tuple[Path, ...]
    after: tuple[Path, ...]
    polish: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """One row per replica; in print, one row per optimizer and attack."""

    csv: Path
    md: Path
    tex: Path
