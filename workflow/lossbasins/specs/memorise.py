"""Memorise: all replicas of one run that learns random labels first."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import NonNegativeInt

from lossbasins.specs import base
from lossbasins.specs.entries import InitSpec, ModelSpec, OptimizerSpec
from lossbasins.specs.random_labels import RandomLabelsSpec


class Spec(base.Spec):
    """What determines the solutions of a run, given its split."""

    model: ModelSpec
    init: InitSpec
    optimizer: OptimizerSpec
    random_labels: RandomLabelsSpec
    label_seed: NonNegativeInt
    """Of labels and zeroed pixels, which all replicas share as they do an attack set."""
    seeds: tuple[int, ...]
    """One per replica."""


@dataclass(frozen=True)
class Inputs:
    """The three sets, and that the network was tried on them, which nothing else is read from."""

    split: Path
    network: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Outputs:
    """Stacked parameters, and loss and accuracy per epoch and replica; epochs up to 0 are those on random labels."""

    solutions: Path
    history: Path
