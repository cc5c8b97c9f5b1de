"""Split: raw data into training, attack and test sets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from lossbasins.specs import base


class SplitChoices(base.Spec):
    """What serves for what, as a configuration says it."""

    selection: Literal["first", "stratified"] = "stratified"
    """`first` takes them in the order of the source, `stratified` draws them with equal class shares."""
    train: PositiveInt
    """Size of the training set."""
    attack: NonNegativeInt
    """Size of the attack set, which gets wrong labels."""
    test: PositiveInt | Literal["all"] = "all"
    """Size of the test set; `all`: the whole test part, or all that is left where the source has none."""
    wrong_labels: Literal["uniform", "shifted"] = "uniform"
    """`uniform` draws among the wrong labels, `shifted` adds one modulo the number of classes."""
    image_size: PositiveInt | tuple[PositiveInt, PositiveInt] | None = None
    """Pixels that images are scaled to (bilinear): a number where they are square, or height and width; null leaves
    them."""
    normalisation: Literal["channel", "none"] = "channel"
    """`channel` subtracts the mean and divides by the standard deviation of each channel over the training set, and of
    each feature; tokens stay as they are."""

    @property
    def shorter_side(self) -> int | None:
        """Of images that are scaled, in pixels."""
        return min(self.image_size) if isinstance(self.image_size, tuple) else self.image_size


class Spec(SplitChoices):
    """All that determines a split, given its images."""

    seed: NonNegativeInt
    """Of the selection and the wrong labels."""


@dataclass(frozen=True)
class Inputs:
    """Raw data in the common format."""

    images: Path


@dataclass(frozen=True)
class Outputs:
    """The three sets."""

    split: Path
