"""Train: all replicas of one run."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base
from lossbasins.specs.entries import AttackSpec, InitSpec, ModelSpec, OptimizerSpec


class Spec(base.Spec):
    """What determines the solutions of a run, given its split."""

    model: ModelSpec
    init: InitSpec
    optimizer: OptimizerSpec
    attack: AttackSpec | None
    seeds: tuple[int, ...]
    """One per replica."""


@dataclass(frozen=True)
class Inputs:
    """The three sets, and that the network was tried on them, which nothing else is read from."""

    split: Path
    network: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Outputs:
    """Stacked parameters, and loss and accuracy per epoch and replica."""

    solutions: Path
    history: Path
