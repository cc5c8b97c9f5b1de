"""Claims: each claim, what was measured of it, and the verdict."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base
from lossbasins.specs.files import Table


class Rule(base.Spec):
    """A claim is supported if the whole interval lies on the stated side, not supported if it lies on the other.

    It is undecided otherwise. Exactly one of the two is given, the other null.
    """

    below: float | None = None
    """The measurement must be smaller."""
    above: float | None = None
    """The measurement must be larger."""
    seen: PositiveFloat | None = None
    """An interval on both sides counts as not supported too if half its width is at most this; null: undecided."""
    fitted_at_least: PositiveInt | None = None
    """With fewer fitted solutions in a group that is compared it stays undecided; null: any number will do."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise PydanticCustomError("one_side", "allowed: either below or above, the other null")
        return self


class ClaimsChoices(base.Spec):
    """How the claims are judged, as a configuration says it, before the run."""

    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals that no table has."""


class Judged(base.Spec):
    """A claim, the rule for it, and where to look."""

    experiment: str
    """As people call it, such as E8."""
    name: str
    """Of the claim, its rule, and the function that gathers its evidence."""
    statement: str
    """What is claimed."""
    measured: str
    """What the rule is about."""
    rule: Rule
    module: str
    """Dotted name of the module with that function."""
    entry: str
    """Name of the experiment's entry, where it has several; else empty."""
    figure: str
    """Name of the figure that shows the evidence."""

    def modules(self) -> frozenset[str]:
        """Also the one with the evidence."""
        return super().modules() | {self.module}


class Spec(ClaimsChoices):
    """Which claims are judged."""

    judged: tuple[Judged, ...]
    """In the order of the inputs."""


@dataclass(frozen=True)
class Inputs:
    """The table of each claim."""

    tables: tuple[Path, ...]


Outputs = Table
"""One row per claim and protocol, case or model that it is judged in."""
