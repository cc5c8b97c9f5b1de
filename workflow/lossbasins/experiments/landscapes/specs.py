"""What the stage of landscapes takes."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, PositiveInt

from lossbasins.specs import base


class LandscapesSpec(base.Spec):
    """What is drawn."""

    titles: tuple[str, ...] = Field(min_length=1)
    """Of each landscape, in the order of the inputs."""
    protocols: tuple[str, ...] = Field(min_length=1)
    """A row each: raw, interpolated or matched."""
    top: PositiveInt
    """The k of the log inverse volumes."""


@dataclass(frozen=True)
class LandscapesInputs:
    """Of each landscape its solutions and their correlations, as the table of volumes has them."""

    points: tuple[Path, ...]
    tables: tuple[Path, ...]
