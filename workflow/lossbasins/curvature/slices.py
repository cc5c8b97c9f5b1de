"""The mean loss along lines and on planes through the parameters."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from lossbasins.curvature.objective import Objective
from lossbasins.curvature.progress import Progress

Array = NDArray[np.float64]


def losses_at(
    objective: Objective,
    directions: Sequence[ArrayLike | Tensor],
    coefficients: ArrayLike,
    *,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> Array:
    """The mean loss at the parameters plus combinations of some directions.

    Args:
        objective: whose parameters, as they are, are the origin.
        directions: m vectors (P,), of any length.
        coefficients: shape (..., m): distances along them, in units of their lengths.
        chunk: samples at a time; all by default.
        progress: called with the losses computed and their number after each.

    Returns:
        Shape (...), in units of the loss. A loss may be infinite or NaN far out; it is then given as it is.

    Raises:
        ValueError: directions of another length than P, or coefficients for another number of directions.
    """
    origin = objective.parameters
    vectors = [torch.as_tensor(direction).to(origin) for direction in directions]
    wrong = [tuple(vector.shape) for vector in vectors if vector.shape != origin.shape]
    if wrong:
        raise ValueError(f"a direction of shape {wrong[0]}: give vectors of shape ({objective.size},)")
    steps = np.asarray(coefficients, dtype=np.float64)
    if steps.ndim == 0 or steps.shape[-1] != len(vectors):
        raise ValueError(f"coefficients of shape {steps.shape} for {len(vectors)} directions: the last must be those")
    points = steps.reshape(-1, len(vectors))
    losses = np.empty(len(points))
    for number, point in enumerate(points):
        moved = sum((float(step) * vector for step, vector in zip(point, vectors, strict=True)), origin)
        losses[number] = _mean_loss(objective, moved, chunk)
        if progress is not None:
            progress(number + 1, len(points))
    return losses.reshape(steps.shape[:-1])


def _mean_loss(objective: Objective, point: Tensor, chunk: int | None) -> float:
    with torch.no_grad():
        pieces = objective.split(point)
        return sum(float(objective.loss_at(pieces, *samples)) for samples in objective.chunks(chunk))
