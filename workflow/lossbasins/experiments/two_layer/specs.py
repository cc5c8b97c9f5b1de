"""What the stages of two_layer take."""

from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from lossbasins.specs import base
from lossbasins.specs.entries import AttackSpec

ActivationName = Literal["tanh", "softplus", "relu"]


class TwoLayerChoices(base.Spec):
    """Which networks, how far they are trained, and how their nodes are rescaled."""

    pixels: PositiveInt
    """Height and width that images are averaged down to."""
    activations: tuple[ActivationName, ...] = Field(min_length=1)
    """Of the hidden layer."""
    width: PositiveInt
    """Hidden nodes."""
    target_loss: PositiveFloat
    """Training stops once L_S + gamma L_A, half mean squared errors, is at most this."""
    steps: PositiveInt
    """Steps of L-BFGS at most."""
    factors: tuple[PositiveFloat, ...]
    """By which nodes are rescaled where the activation is positively homogeneous."""


class TwoLayerSpec(TwoLayerChoices):
    """All that determines the table, given the images."""

    attacks: tuple[AttackSpec | None, ...] = Field(min_length=1)
    """One solution each from every start."""
    seeds: tuple[NonNegativeInt, ...] = Field(min_length=1)
    """One for each start, which all activations and attacks share."""
