"""Summary: what the study's tables say, in a few lines."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import PositiveInt

from lossbasins.specs import base


class Told(base.Spec):
    """The tables that an experiment has sentences about."""

    name: str
    """Of the experiment, or of its entry."""
    module: str
    """Dotted name of the module that makes them."""
    tables: PositiveInt
    """How many of the inputs they are."""

    def modules(self) -> frozenset[str]:
        """Also that one."""
        return super().modules() | {self.module}


class Spec(base.Spec):
    """What is summarised."""

    told: tuple[Told, ...]
    """In the order of the tables."""


@dataclass(frozen=True)
class Inputs:
    """Those tables, and the ledger of claims."""

    tables: tuple[Path, ...]
    claims: Path


@dataclass(frozen=True)
class Outputs:
    """Plain text."""

    summary: Path
