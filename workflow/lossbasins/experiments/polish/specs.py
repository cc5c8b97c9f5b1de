"""What the stage of polish takes."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs.comparison import Comparison
from lossbasins.specs.polish import Target


class PolishedSpec(Comparison):
    """Which runs, and how far they were polished."""

    target: Target


@dataclass(frozen=True)
class PolishedInputs:
    """One file per run each: evaluations before and after, and how far each replica came."""

    before: tuple[Path, ...]
    after: tuple[Path, ...]
    polish: tuple[Path, ...]
