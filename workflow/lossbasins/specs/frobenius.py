"""Frobenius: the estimated squared Frobenius norm of the Hessian at every fitted replica of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt

from lossbasins.specs import base
from lossbasins.specs.entries import ModelSpec, Precision


class Spec(base.Spec):
    """Which network and which estimator."""

    model: ModelSpec
    method: Literal["finite_difference", "hutchinson", "deflated", "hutch++"]
    probes: int = Field(ge=6)
    """Hessian-vector products to spend, of which every method leaves at least two random ones."""
    precision: Precision
    seed: NonNegativeInt
    """Of the probes."""


@dataclass(frozen=True)
class Inputs:
    """Solutions, and which of them are fitted."""

    split: Path
    solutions: Path
    evaluation: Path


@dataclass(frozen=True)
class Outputs:
    """One row per fitted replica: replica, frobenius_squared, standard_error, matvecs."""

    frobenius: Path
