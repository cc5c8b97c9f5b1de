"""What the stages of volumes take."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.comparison import Comparison
from lossbasins.specs.files import Evaluations
from lossbasins.specs.protocols import ProtocolChoices


class VolumeChoices(ProtocolChoices):
    """How solutions are compared, as a configuration says it."""

    top: PositiveInt = 50
    """The k of the log inverse volume."""
    resamples: PositiveInt = 2000
    """Bootstrap samples behind each interval."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""
    smallest_group: int = Field(default=5, ge=3)
    """Fewer solutions than this get no correlation."""


class VolumeSpec(Comparison, VolumeChoices):
    """Which runs to compare, and how."""

    matched_loss: PositiveFloat | None = None
    """L_S of the polished solutions; None where there are none."""
    seed: NonNegativeInt
    """Of the bootstrap."""


@dataclass(frozen=True)
class VolumeInputs(Evaluations):
    """One file per run each, of the trained and of the polished solutions.

    No spectra of networks that are too large, and nothing of polished solutions where there are none.
    """

    spectrum: tuple[Path, ...]
    frobenius: tuple[Path, ...]
    matched_evaluation: tuple[Path, ...]
    matched_spectrum: tuple[Path, ...]
    matched_frobenius: tuple[Path, ...]


class FigureSpec(base.Spec):
    """What is drawn."""

    top: PositiveInt
    """The k of the log inverse volume."""
