"""Evaluate: losses, accuracies and norms of every replica of a run."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base
from lossbasins.specs.entries import AttackSpec, ModelSpec, Precision


class EvaluationChoices(base.Spec):
    """How solutions are evaluated, as a configuration says it."""

    precision: Precision = "float64"
    """Arithmetic; float32 is many times quicker on most GPUs."""


class Spec(EvaluationChoices):
    """Which network, and which attack set it was trained against."""

    model: ModelSpec
    attack: AttackSpec | None


@dataclass(frozen=True)
class Inputs:
    """Solutions, and how they were reached."""

    split: Path
    solutions: Path
    history: Path


@dataclass(frozen=True)
class Outputs:
    """One row per replica, each with what there is to say of the data."""

    evaluation: Path
