"""Claims: each of the paper's claims, what was measured of it, and the verdict."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base

Claim = Literal[
    "curve_fitting",
    "batch_size",
    "initialization",
    "two_layer_equality",
    "two_layer_bound",
    "spectrum",
    "volume",
    "convex",
    "basin_ratio",
    "starts",
]
"""What the paper claims, by the experiment that shows it."""


class Rule(base.Spec):
    """A claim is supported if the whole interval lies on the stated side, not supported if it lies on the other.

    It is undecided otherwise. Exactly one of the two is given, the other null.
    """

    below: float | None = None
    """The measurement must be smaller."""
    above: float | None = None
    """The measurement must be larger."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise PydanticCustomError("one_side", "allowed: either below or above, the other null")
        return self


class ClaimsChoices(base.Spec):
    """How the claims are judged, as a configuration says it, before the run."""

    rules: dict[Claim, Rule]
    """By claim; one without a rule is not judged."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals that no table has."""


class Spec(ClaimsChoices):
    """How the claims are judged, and of what."""

    comparisons: tuple[str, ...]
    """Names of the comparisons of volumes, in the order of the inputs."""


@dataclass(frozen=True)
class Inputs:
    """The tables of every experiment; of those that are not configured there is no file."""

    curve_fitting: tuple[Path, ...]
    batch_size: tuple[Path, ...]
    initialization: tuple[Path, ...]
    two_layer: tuple[Path, ...]
    spectrum: tuple[Path, ...]
    volume: tuple[Path, ...]
    convex: tuple[Path, ...]
    basin_ratio: tuple[Path, ...]
    starts: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """One row per claim and protocol, case or model that it is judged in."""

    csv: Path
    md: Path
    tex: Path
