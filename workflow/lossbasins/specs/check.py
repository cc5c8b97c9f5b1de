"""Check: whether a network fits its data, before anything trains on them."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base
from lossbasins.specs.entries import ModelSpec


class Spec(base.Spec):
    """Which network."""

    model: ModelSpec


@dataclass(frozen=True)
class Inputs:
    """The three sets."""

    split: Path


@dataclass(frozen=True)
class Outputs:
    """The number of its parameters, and what it is given and gives."""

    network: Path
