"""What the stages of guess_and_check take."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from lossbasins.specs import base

Method = Literal["adam", "sgd"]
Share = Annotated[float, Field(gt=0, lt=1)]
Several = Annotated[int, Field(ge=2)]


class CountChoices(base.Spec):
    """Which networks, and how those that fit are found, as a configuration says it."""

    pixels: PositiveInt
    """Height and width that images are averaged down to."""
    hidden: tuple[PositiveInt, ...] = Field(min_length=1)
    """Nodes of each hidden layer of the ReLU networks, which have no biases."""
    guesses: PositiveInt
    """Draws from the prior at most, where there are up to `guessed` images; as many that fit as `particles` will do."""
    guessed: NonNegativeInt
    """The largest number of images that guesses are made for; more are left to sampling alone."""
    particles: Several
    """Of a run of sequential Monte Carlo."""
    runs: Several
    """Independent ones, from which errors are taken."""
    moves: PositiveInt
    """Of every particle at every level."""
    acceptance: Share
    """Share of the moves that is taken; steps are adapted to it."""
    survivors: Share
    """Share of the particles that reaches the next level, where levels are of the loss."""
    starts: Several
    """Networks from the prior that each method trains."""
    learning_rates: Mapping[Method, PositiveFloat] = Field(min_length=1)
    """Of each method of training, which takes all images at every step."""
    target_loss: PositiveFloat
    """Training ends once all images are right and the mean loss is at most this."""
    steps: PositiveInt
    """Of training, at most."""


class CountSpec(CountChoices):
    """All that determines the networks that fit, given the images."""

    images: PositiveInt
    """How many have to be right: the first of the training set."""
    seed: NonNegativeInt
    """Of all draws; methods of training share their starts."""


@dataclass(frozen=True)
class CountOutputs:
    """How each way of finding networks went, and each network that was found."""

    ways: Path
    """One row per way, level and run: its probability, and medians over its networks."""
    nets: Path
    """One row per network: way, level, run, and how many test images it has right."""


class TableChoices(base.Spec):
    """What is made of them, as a configuration says it."""

    below: Share
    """Test accuracy below which a network is bad."""
    confidence: Share = 0.95
    """Of the intervals."""


class TableSpec(TableChoices):
    """What is made of the networks that fit."""

    images: tuple[PositiveInt, ...] = Field(min_length=1)
    """How many had to be right, in the order of the inputs."""
    pixels: PositiveInt
    """Height and width of the images."""
    widths: tuple[PositiveInt, ...]
    """Of the networks' layers, without the inputs."""


@dataclass(frozen=True)
class TableInputs:
    """What was found, one file for each number of images."""

    ways: tuple[Path, ...]
    nets: tuple[Path, ...]
