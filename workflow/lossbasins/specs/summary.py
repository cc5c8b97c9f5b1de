"""Summary: what the study's figures say, in a few lines."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base


class Spec(base.Spec):
    """What is summarised."""

    comparisons: tuple[str, ...]
    """Names of the comparisons of volumes, in the order of the inputs."""


@dataclass(frozen=True)
class Inputs:
    """The points of every comparison, and the ledger of claims."""

    points: tuple[Path, ...]
    claims: Path


@dataclass(frozen=True)
class Outputs:
    """Plain text."""

    summary: Path
