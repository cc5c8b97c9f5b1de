"""The protocols under which solutions are compared, as a configuration says them."""

from pydantic import Field, PositiveFloat

from lossbasins.specs import base


class Interpolated(base.Spec):
    """What the protocol `interpolated` asks of a trained solution."""

    attack_accuracy: float = Field(gt=0, le=1)
    """At least this share of the attack set is fitted, with its wrong labels."""
    gradient_norm: PositiveFloat
    """|grad L_S| is at most this."""


class ProtocolChoices(base.Spec):
    """Which solutions each protocol keeps."""

    interpolated: Interpolated = Interpolated(attack_accuracy=1.0, gradient_norm=0.1)
    """Which trained solutions are near a minimum of L_S and fit their attack set."""
    loss_within: PositiveFloat = 0.2
    """Relative difference of L_S from its target that the protocol `matched` allows."""
