"""Spectrum: all Hessian eigenvalues of every fitted replica of a run."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs import base
from lossbasins.specs.entries import ModelSpec, Precision


class Spec(base.Spec):
    """Which network, in which arithmetic."""

    model: ModelSpec
    precision: Precision


@dataclass(frozen=True)
class Inputs:
    """Solutions, and which of them are fitted."""

    split: Path
    solutions: Path
    evaluation: Path


@dataclass(frozen=True)
class Outputs:
    """Arrays replica (R,) and eigenvalues (R, P), ascending."""

    spectrum: Path
