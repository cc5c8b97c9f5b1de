"""What the stages of convex take."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import NonNegativeInt, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base
from lossbasins.specs.files import Drawn, Table


class ConvexChoices(base.Spec):
    """Which images, and how many features, as a configuration says it."""

    pixels: PositiveInt
    """Height and width that images are averaged down to."""
    train: PositiveInt
    """Number of training images: the first of the training set."""
    attack: PositiveInt
    """Number of images with the wrong target that the bad minimum fits too: the first of the attack set."""
    features: PositiveInt
    """Random features of a model, one parameter each; more than images, so that all targets can be fitted."""
    degree: PositiveInt
    """Of the polynomials in all pixels, one parameter for each monomial."""

    @model_validator(mode="after")
    def _check_features(self) -> Self:
        if self.features <= self.train + self.attack:
            raise PydanticCustomError(
                "few_features",
                "features must be more than train + attack = {images}",
                {"images": self.train + self.attack},
            )
        return self


class ConvexSpec(ConvexChoices):
    """All that determines the minima and their Hessians, given the images."""

    seed: NonNegativeInt
    """Of the random features."""


@dataclass(frozen=True)
class ConvexOutputs(Table):
    """One row per model and pair of minima; all eigenvalues in long form."""

    eigenvalues: Path


@dataclass(frozen=True)
class FigureInputs(Drawn):
    """The tables that it draws."""

    eigenvalues: Path
