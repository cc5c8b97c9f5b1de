"""What independent draws of a prior say of an inverse temperature, by their weights exp(-b dL)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Weighted(NamedTuple):
    """At one inverse temperature."""

    mean: float
    """E_b[dL]."""
    mean_error: float
    free_energy: float
    """F(b)."""
    free_energy_error: float
    effective_samples: float
    """Squared sum of the weights over the sum of their squares."""


def weighted(excess: ArrayLike, inverse_temperature: float) -> Weighted:
    """Weighs draws.

    Args:
        excess: dL at independent draws of the prior, shape (n,); infinite where the loss overflows.
        inverse_temperature: b.

    Returns:
        Estimates, with standard errors to first order. Where all losses overflow F is infinite, and no draw effective.
    """
    values = np.asarray(excess, dtype=np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        return Weighted(np.nan, np.nan, np.inf, np.nan, 0.0)
    logarithms = -inverse_temperature * values
    highest = logarithms.max()
    weights = np.exp(logarithms - highest)
    shares = (weights / weights.sum())[finite]
    mean = float(shares @ values[finite])
    return Weighted(
        mean,
        float(np.linalg.norm(shares * (values[finite] - mean))),
        float(-highest - np.log(weights.mean())),
        float(weights.std(ddof=1) / weights.mean() / np.sqrt(values.size)),
        float(1 / np.square(shares).sum()),
    )
