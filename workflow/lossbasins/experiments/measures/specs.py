"""What the stages of measures take."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.comparison import Comparison
from lossbasins.specs.files import Drawn, Evaluations, Table
from lossbasins.specs.protocols import ProtocolChoices


class Primary(base.Spec):
    """The one test that is not corrected for all others: tau within cells."""

    measure: str = "free_energy"
    """Its name."""
    protocol: Literal["raw", "interpolated", "matched"] = "matched"
    """Under which solutions are compared."""


class MeasureChoices(ProtocolChoices):
    """How measures are compared, as a configuration says it, before the run."""

    primary: Primary = Primary()
    """What is tested first of all."""
    nulls: tuple[str, ...] = ("weight_norm", "distance", "training_loss", "gradient_norm")
    """Measures that know nothing of the shape of a basin."""
    free_energies: tuple[str, ...] = Field(("free_energy_half", "free_energy", "free_energy_double"), min_length=1)
    """-log of a basin's volume, sampled, at each prior scale: bad and good are compared by all of them."""
    beside: tuple[str, ...] = ("quadratic_free_energy",)
    """Measures in nats whose differences stand beside."""
    below: float = Field(gt=0, lt=1)
    """Test accuracy: attacked solutions below it are bad, unattacked ones at or above it good."""
    top: PositiveInt = 50
    """The k of the paper's log inverse volume, beside which others are tried."""
    largest_k: PositiveInt = 300
    """Of the eigenvalues of which half the sum of logarithms is compared."""
    band: float = Field(default=0.9, gt=0, lt=1)
    """Share of the pairs of a bad and a good solution between its ends."""
    errors_apart: PositiveFloat = 2.0
    """Binomial standard errors by which two test accuracies are told apart."""
    resamples: PositiveInt = 2000
    """Bootstrap samples behind each interval."""
    permutations: PositiveInt = 9999
    """Of accuracies within cells, behind each p."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""
    smallest_group: int = Field(default=5, ge=3)
    """Fewer solutions than this get no correlation."""


class MeasuresSpec(Comparison, MeasureChoices):
    """Which runs and measures are compared, and how."""

    measures: tuple[str, ...] = Field(min_length=1)
    """In the order of the rows."""
    matched_only: tuple[str, ...] = ()
    """Those of them that were taken of polished solutions alone."""
    turned: tuple[str, ...] = ()
    """Those of them whose smaller values are the sharper: they are compared by their negatives."""
    matched_loss: PositiveFloat | None = None
    """L_S of the polished solutions; None where there are none."""
    seed: NonNegativeInt
    """Of the resamples."""


@dataclass(frozen=True)
class MeasuresInputs(Evaluations):
    """Evaluations, spectra and files of measures of the trained and of the polished solutions.

    One file per run each, but for values: first one file of each run, then the next of each. No spectra of networks
    that are too large, and nothing of polished solutions where there are none.
    """

    values: tuple[Path, ...]
    spectrum: tuple[Path, ...]
    matched_evaluation: tuple[Path, ...]
    matched_values: tuple[Path, ...]
    matched_spectrum: tuple[Path, ...]


@dataclass(frozen=True)
class MeasuresOutputs(Table):
    """The ranking of solutions by each measure under each protocol, and what is behind it."""

    points: Path
    """One row per solution, protocol and measure."""
    environments: Path
    """One row per measure, protocol and pair of settings that differ in one choice."""
    cells: Path
    """One row per measure, protocol and group of solutions: one cell, or one attack setting."""
    ranks: Path
    """Tau of the log inverse volume for each k."""
    pairs: Path
    """One row per quantity and pair of a bad and a good solution at one loss."""
    differences: Path
    """The differences of those pairs in short."""


@dataclass(frozen=True)
class FigureInputs(Drawn):
    """The tables that it draws."""

    points: Path
    ranks: Path


class FigureSpec(base.Spec):
    """What is drawn."""

    top: PositiveInt
    """The k of the paper's log inverse volume."""
