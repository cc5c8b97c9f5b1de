"""Measure: something of every fitted replica of a run, at any point of its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, NonNegativeInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base
from lossbasins.specs.entries import InitSpec, ModelSpec, Precision
from lossbasins.specs.modules import MEASURE, constants, module_name, one_of, options_of


def check_needs(measure: str, values: Mapping[str, Any]) -> None:
    """Raises PydanticCustomError where an option of a measure lacks another that its file says it needs."""
    for (key, value), (other, needed) in constants(MEASURE, measure).get("NEEDS", {}).items():
        if values[key] == value and values[other] != needed:
            raise PydanticCustomError("needs", f"{key} {value} needs {other}: {needed}")


class MeasureSpec(base.Spec):
    """A measure with its options, and in which arithmetic it is taken."""

    name: Annotated[str, one_of(MEASURE)]
    """Name of a file in `lossbasins/measures`."""
    options: Annotated[dict[str, Any], options_of(MEASURE, "name")] = Field({}, validate_default=True)
    """Keyword arguments of its `measure`."""
    precision: Precision
    """Arithmetic of the model and the images."""

    @model_validator(mode="after")
    def _check_needs(self) -> Self:
        check_needs(self.name, {**self.options, "precision": self.precision})
        return self

    def modules(self) -> frozenset[str]:
        """Also its own."""
        return super().modules() | {module_name(MEASURE, self.name)}


class SeededMeasure(MeasureSpec):
    """A measure, and its random numbers."""

    seed: NonNegativeInt
    """Of its first replica; each other counts on from it."""


class Spec(base.Spec):
    """Which network, what is measured of its replicas, and where they began if some measure asks."""

    model: ModelSpec
    measures: tuple[SeededMeasure, ...] = Field(min_length=1)
    """One, or several cheap ones."""
    init: InitSpec | None = None
    """How initial weights were drawn."""
    seeds: tuple[NonNegativeInt, ...] = ()
    """Of each replica's training."""


@dataclass(frozen=True)
class Inputs:
    """Solutions, which of them are fitted, and the arrays that the measures start from."""

    split: Path
    solutions: Path
    evaluation: Path
    arrays: tuple[Path, ...]


@dataclass(frozen=True)
class Outputs:
    """One row per fitted replica and measure: replica, measure, value, standard_error, gradients, reason."""

    values: Path


@dataclass(frozen=True)
class ArrayOutputs:
    """Arrays by name, one entry per fitted replica each, and `replica`."""

    arrays: Path
