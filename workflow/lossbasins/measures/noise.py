"""How much noise in its parameters a network bears."""

import math

import numpy as np
import scipy.optimize
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossbasins.measures.solution import Solution
from lossbasins.training.evaluation import chunks

Values = NDArray[np.float64]

WIDEST = 2.0**6
"""Of the sizes that are searched, between its inverse and itself."""

ASIDE = 0.2
"""Of the logarithm of a size, to either side of which the slope is taken."""

NEAR = 5e-3
"""How near the search comes to the logarithm of a size: a tenth or less of its usual standard error."""


def inverse_variance(solution: Solution, deviations: Tensor, drop: float, draws: int) -> tuple[float, float]:
    """1 / s^2, where noise s * deviations * N(0, I) lowers the mean training accuracy by `drop`.

    Args:
        solution: fitted, so that its accuracy is 1.
        deviations: of each parameter at s = 1, shape (P,).
        drop: of the mean over the draws.
        draws: of the noise, scaled by every s that is tried.

    Returns:
        The value and its standard error, to first order from the scatter of the draws' accuracies at s and from how the
        mean falls there. NaN where no s of the search does it.
    """
    generator = torch.Generator().manual_seed(solution.seed)
    noise = torch.randn(draws, len(deviations), generator=generator, dtype=deviations.dtype).to(deviations.device)
    displacements = deviations * noise

    def accuracies(logarithm: float) -> Values:
        return _accuracies(solution, math.exp(logarithm) * displacements)

    def surplus(logarithm: float) -> float:
        return float(accuracies(logarithm).mean()) - (1 - drop)

    widest = math.log(WIDEST)
    if not surplus(widest) <= 0 < surplus(-widest):
        return math.nan, math.nan
    size = scipy.optimize.brentq(surplus, -widest, widest, xtol=NEAR)
    slope = (accuracies(size - ASIDE).mean() - accuracies(size + ASIDE).mean()) / (2 * ASIDE)
    scatter = accuracies(size).std(ddof=1) / math.sqrt(draws)
    value = math.exp(-2 * size)
    return value, 2 * value * float(scatter / slope) if slope > 0 else math.nan


def _accuracies(solution: Solution, displacements: Tensor) -> Values:
    """Of each displaced network on the training set."""
    objective = solution.objective
    centre = objective.parameters
    right = []
    with torch.no_grad():
        for displacement in displacements:
            pieces = objective.split(centre + displacement)
            chunks_right = [
                int((objective.outputs_at(pieces, inputs).argmax(dim=1) == labels).sum())
                for inputs, labels in chunks(solution.train)
            ]
            right.append(sum(chunks_right) / objective.samples)
    return np.array(right)
