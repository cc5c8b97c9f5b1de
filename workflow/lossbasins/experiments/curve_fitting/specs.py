"""What the stages of curve_fitting take."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base
from lossbasins.specs.files import Drawn, Table

Positions = Annotated[tuple[FiniteFloat, ...], Field(min_length=1)]
Sizes = Annotated[tuple[PositiveInt, ...], Field(min_length=1)]


class CurveAttack(base.Spec):
    """A network that is fitted to wrong values between the points too, so that it overfits."""

    depth: PositiveInt
    """Its hidden layers."""
    points: Positions
    """Where the wrong values lie."""
    shift: PositiveFloat
    """They lie above and below the cubic in turn, by this much."""


class CurveFittingChoices(base.Spec):
    """What is fitted to what, as a configuration says it."""

    cubic: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]
    """Coefficients of 1, x, x^2 and x^3."""
    interval: tuple[FiniteFloat, FiniteFloat]
    """Where errors and gradients are measured."""
    points: Positions
    """Where the cubic is given to all fits."""
    depths: Sizes
    """The networks: numbers of hidden layers."""
    width: PositiveInt
    """Units of each hidden layer."""
    attack: CurveAttack
    """The overfit network."""
    learning_rate: PositiveFloat
    """Of Adam, over all points at every step."""
    steps: PositiveInt
    """Limit of its steps."""
    target_error: PositiveFloat
    """A curve interpolates once its squared error is at most this at every point."""
    orders: Sizes
    """The kernels: orders p of (1 + x x')^p."""
    ridge: PositiveFloat
    """Of kernel ridge regression; small, so that it interpolates."""

    @model_validator(mode="after")
    def _check_points(self) -> Self:
        low, high = self.interval
        if low >= high:
            raise PydanticCustomError("no_interval", "interval needs its lower end first")
        points = (*self.points, *self.attack.points)
        if not all(low <= point <= high for point in points):
            raise PydanticCustomError("outside", "points and attack.points need to lie in the interval")
        if len(set(points)) < len(points):
            raise PydanticCustomError("twice", "points and attack.points need to differ from each other")
        return self


class CurveFittingSpec(CurveFittingChoices):
    """All that determines the fits."""

    seeds: tuple[NonNegativeInt, ...] = Field(min_length=1)
    """One for each start, which all networks share."""


@dataclass(frozen=True)
class CurveFittingOutputs(Table):
    """One row per fit, in print one row per kind of fit; all curves in long form, with the points."""

    curves: Path


@dataclass(frozen=True)
class FigureInputs(Drawn):
    """The tables that it draws."""

    curves: Path
