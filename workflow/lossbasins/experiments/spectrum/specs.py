"""What the stages of spectrum take."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import PositiveInt

from lossbasins.specs import base
from lossbasins.specs.comparison import Comparison
from lossbasins.specs.files import Drawn, Evaluations, Table


class SpectrumChoices(base.Spec):
    """What is compared, as a configuration says it."""

    top: PositiveInt = 50
    """How many of the largest eigenvalues are compared, and the k of the log inverse volume."""


class SpectrumSpec(Comparison, SpectrumChoices):
    """Which runs to choose from."""


@dataclass(frozen=True)
class SpectrumInputs(Evaluations):
    """One file per run each, of the trained and of the polished solutions; nothing of these where there are none."""

    spectrum: tuple[Path, ...]
    matched_evaluation: tuple[Path, ...]
    matched_spectrum: tuple[Path, ...]


@dataclass(frozen=True)
class SpectrumOutputs(Table):
    """One row per replica (csv) and the table of the three (md, tex); the eigenvalues of the three in long form."""

    eigenvalues: Path
    matched: Path
    """One row per replica at one L_S."""


@dataclass(frozen=True)
class FigureInputs(Drawn):
    """The tables that it draws."""

    eigenvalues: Path
