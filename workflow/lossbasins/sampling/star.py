"""Volumes of {dL <= c} under a prior as far as straight rays see them: lower bounds."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammainc, gammaln, hyp1f1
from torch import Tensor

from lossbasins.sampling.trajectories import Reference, inverse_temperature_at

Values = NDArray[np.float64]

FIRST = 0.25
"""Of the radius at which a quadratic would reach the level: where a ray is looked at first."""

GROWTH = 1.25
"""From one look to the next, until the level is passed."""

EXACT = 1e-7
"""Relative error of radii; a volume goes with their power P."""


class Star(NamedTuple):
    """What rays see."""

    log_probability: float
    """Of the star-shaped part of {dL <= c}."""
    error: float
    """Standard error, to first order; at most 1, however little is known where few directions are effective."""
    effective_directions: float
    """Squared sum of the directions' weights over the sum of their squares."""


def star_volume(
    excess: Callable[[Tensor], float], curvature: Tensor, vectors: Tensor, level: float, directions: int, seed: int
) -> Star:
    r"""Probability of all z = r u with dL <= c from 0 to r, z from N(0, I), by importance sampling of directions u.

    .. math:: P = E_u \left[ \frac{P(\chi_P \le R(u))}{p(u)} \right],
        \quad p(u) = |C|^{-1/2} (u^T C^{-1} u)^{-P/2},

    where R is the radius at which a ray leaves the level for the first time, and u = y / |y| with y from N(0, C) has
    the density p with respect to uniform directions (Scherlis and Belrose 2025, sections 2 and 3). C is the Gaussian of
    the Hessian at the inverse temperature at which a quadratic has the mean c.

    Args:
        excess: dL at a point (P,), infinite where the loss overflows.
        curvature: eigenvalues of the Hessian of dL, shape (k,), not negative.
        vectors: their eigenvectors, shape (P, k).
        level: c.
        directions: how many.
        seed: of them.
    """
    generator = torch.Generator().manual_seed(seed)
    tilted = inverse_temperature_at(level, curvature) * curvature
    reference = Reference(tilted, vectors)
    logarithms = np.array(
        [_logarithm(excess, reference, curvature, level, reference.draw(generator)) for _ in range(directions)]
    )
    logarithms -= 0.5 * float(torch.log1p(tilted).sum())
    weights = np.exp(logarithms - logarithms.max())
    error = float(weights.std(ddof=1) / weights.mean() / math.sqrt(directions))
    probability = float(logarithms.max() + np.log(weights.mean()))
    return Star(probability, error, float(weights.sum() ** 2 / np.square(weights).sum()))


def _logarithm(
    excess: Callable[[Tensor], float], reference: Reference, curvature: Tensor, level: float, drawn: Tensor
) -> float:
    """Of one direction's weight, but for the determinant."""
    size = len(drawn)
    direction = drawn / drawn.norm()
    bend = float((curvature * (reference.vectors.T @ direction).square()).sum())
    first = FIRST * math.sqrt(2 * level / bend) if bend else math.inf
    # Brent's method needs a finite bracket.
    radius = _radius(lambda r: min(excess(r * direction) - level, level), first, size)
    return float(log_ball(radius, size)) + 0.5 * size * math.log(2 * reference.energy(direction))


def _radius(above: Callable[[float], float], first: float, size: int) -> float:
    """Where a ray passes the level for the first time, or where a ball has all of the prior."""
    whole = math.sqrt(size + 20 * math.sqrt(2 * size) + 200)
    low, high = 0.0, min(first, whole)
    while above(high) <= 0:
        if high == whole:
            return whole
        low, high = high, min(GROWTH * high, whole)
    return float(brentq(above, low, high, xtol=EXACT * high / 10, rtol=EXACT))


def log_ball(radius: float, dimensions: int) -> float:
    """The logarithm of P(|z| <= radius), z from N(0, I), also where that underflows (DLMF 8.5.1)."""
    a, x = dimensions / 2, radius**2 / 2
    if x >= a:
        return float(np.log(gammainc(a, x)))
    return float(a * np.log(x) - x - gammaln(a + 1) + np.log(hyp1f1(1, a + 1, x)))
