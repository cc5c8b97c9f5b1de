"""Polish: every replica of a run, brought to a stated loss or gradient norm of L_S by descending L_S alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import PositiveFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base
from lossbasins.specs.entries import ModelSpec, Precision


class Target(base.Spec):
    """Where a descent of L_S ends: at exactly one of the two, the other being null."""

    loss: PositiveFloat | None = None
    """L_S, the mean training loss; it is met within a thousandth."""
    gradient_norm: PositiveFloat | None = None
    """|grad L_S|, or less; solutions are kept in float32, whose rounding sets a floor to it."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.loss is None) == (self.gradient_norm is None):
            raise PydanticCustomError("one_target", "allowed: either loss or gradient_norm, the other null")
        return self


class PolishChoices(base.Spec):
    """How L_S is descended, and how far, as a configuration says it."""

    target: Target
    """Where it ends."""
    method: Literal["lbfgs", "momentum"] = "lbfgs"
    """`lbfgs` with a strong Wolfe line search, or gradient descent with `momentum` 0.9; both over all images."""
    learning_rate: PositiveFloat = 1.0
    """Of `momentum`; with `lbfgs` the step that each line search tries first."""
    limit: PositiveInt
    """Gradients of L_S to spend on a solution."""
    precision: Precision = "float32"
    """Arithmetic; a small gradient norm needs float64."""

    @model_validator(mode="after")
    def _check_learning_rate(self) -> Self:
        if self.method == "momentum" and "learning_rate" not in self.model_fields_set:
            raise PydanticCustomError("no_learning_rate", "method momentum needs a learning_rate")
        return self


class Spec(PolishChoices):
    """What determines the polished solutions of a run, given its split and its trained ones."""

    model: ModelSpec


@dataclass(frozen=True)
class Inputs:
    """The trained solutions."""

    split: Path
    solutions: Path


@dataclass(frozen=True)
class Outputs:
    """Stacked parameters; L_S and |grad L_S| per iterate and replica; how far each replica came.

    `epoch` of the history counts gradients.
    """

    solutions: Path
    history: Path
    polish: Path
