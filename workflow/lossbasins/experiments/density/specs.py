"""What the stages of density take."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs.comparison import Comparison
from lossbasins.specs.files import Drawn, Evaluations, Table


class DensitySpec(Comparison):
    """Which runs to choose from."""


@dataclass(frozen=True)
class DensityInputs(Evaluations):
    """One file per run each."""

    spectral_density: tuple[Path, ...]


@dataclass(frozen=True)
class DensityOutputs(Table):
    """One row per replica (csv) and the table of the chosen (md, tex); their densities and largest eigenvalues."""

    curves: Path
    largest: Path


@dataclass(frozen=True)
class DensityFigureInputs(Drawn):
    """The tables that it draws."""

    curves: Path
    largest: Path
