"""Which loss is meant by a name, a function or a module."""

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import nn

from lossbasins.curvature.losses.base import Loss
from lossbasins.curvature.losses.binary import BinaryCrossEntropy
from lossbasins.curvature.losses.cross_entropy import CrossEntropy, WeightedCrossEntropy
from lossbasins.curvature.losses.own import OwnLoss
from lossbasins.curvature.losses.squared_error import MeanSquaredError

LOSSES: dict[str, Loss] = {loss.name: loss for loss in (CrossEntropy(), MeanSquaredError(), BinaryCrossEntropy())}
"""By name, as torch computes them by default."""

FUNCTIONS: dict[Any, Loss] = {
    F.cross_entropy: WeightedCrossEntropy(),
    F.mse_loss: LOSSES["mse"],
    F.binary_cross_entropy_with_logits: LOSSES["binary_cross_entropy"],
}
"""The same as torch's functions."""

MODULES: dict[type[nn.Module], Callable[[Any], Loss]] = {
    nn.CrossEntropyLoss: lambda m: WeightedCrossEntropy(m.weight, m.label_smoothing, m.ignore_index),
    nn.MSELoss: lambda _: LOSSES["mse"],
    nn.BCEWithLogitsLoss: lambda m: BinaryCrossEntropy(m.weight, m.pos_weight),
}
"""The same as torch's modules; any other is a loss of one's own."""


def chosen_loss(loss: Any) -> Loss:  # noqa: ANN401 - checked here
    """The loss that is meant.

    Raises:
        ValueError: an unknown name, or a module whose reduction is no mean.
        TypeError: what is no loss.
    """
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise ValueError(
                f"loss={loss!r}: choose one of {', '.join(map(repr, LOSSES))}, "
                "or give a module of torch or a function of outputs and targets"
            )
        return LOSSES[loss]
    if isinstance(loss, type) or not callable(loss):
        what = f"the class {loss.__name__}, give an instance" if isinstance(loss, type) else f"a {type(loss).__name__}"
        raise TypeError(f"loss is {what}: a name, a module, or a function of outputs and targets is needed")
    if getattr(loss, "reduction", "mean") in ("sum", "none"):
        raise ValueError(f"{type(loss).__name__} with reduction={loss.reduction!r}: give the mean over samples, 'mean'")
    if type(loss) in MODULES:
        return MODULES[type(loss)](loss)
    return next((known for function, known in FUNCTIONS.items() if loss is function), None) or OwnLoss(loss)
