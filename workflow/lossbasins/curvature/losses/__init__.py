"""Mean losses, with the derivatives that curvature needs."""

from lossbasins.curvature.losses.base import Loss
from lossbasins.curvature.losses.choice import LOSSES, chosen_loss

__all__ = ["LOSSES", "Loss", "chosen_loss"]
