"""What the stage of bad_minima takes."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs.comparison import Runs


class MinimaSpec(Runs):
    """Which runs, of any landscapes."""


@dataclass(frozen=True)
class MinimaInputs:
    """One file per run each, of the solutions as trained and at one loss."""

    trained: tuple[Path, ...]
    matched: tuple[Path, ...]
