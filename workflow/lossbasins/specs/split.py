"""Split: raw images into training, attack and test sets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from lossbasins.specs import base


class SplitChoices(base.Spec):
    """Which images serve for what, as a configuration says it."""

    selection: Literal["first", "stratified"] = "stratified"
    """`first` takes images in the order of the source, `stratified` draws them with equal class shares."""
    train: PositiveInt
    """Number of training images."""
    attack: NonNegativeInt
    """Number of images that get wrong labels."""
    test: PositiveInt | Literal["all"] = "all"
    """Number of test images; `all`: the whole test part, or all that is left where the source has none."""
    wrong_labels: Literal["uniform", "shifted"] = "uniform"
    """`uniform` draws among the wrong labels, `shifted` adds one modulo the number of classes."""
    image_size: PositiveInt | None = None
    """Height and width in pixels that images are scaled to (bilinear); null leaves them."""
    normalisation: Literal["channel", "none"] = "channel"
    """`channel` subtracts the mean and divides by the standard deviation of each channel over the training images."""


class Spec(SplitChoices):
    """All that determines a split, given its images."""

    seed: NonNegativeInt
    """Of the selection and the wrong labels."""


@dataclass(frozen=True)
class Inputs:
    """Raw images in the common format."""

    images: Path


@dataclass(frozen=True)
class Outputs:
    """The three sets."""

    split: Path
