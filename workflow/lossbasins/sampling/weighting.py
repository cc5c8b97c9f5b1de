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
        excess: dL at independent draws of the prior, shape (n,).
        inverse_temperature: b.

    Returns:
        Estimates, with standard errors to first order.
    """
    values = np.asarray(excess, dtype=np.float64)
    logarithms = -inverse_temperature * values
    highest = logarithms.max()
    weights = np.exp(logarithms - highest)
    shares = weights / weights.sum()
    mean = float(shares @ values)
    return Weighted(
        mean,
        float(np.sqrt(np.square(shares) @ np.square(values - mean))),
        float(-highest - np.log(weights.mean())),
        float(weights.std(ddof=1) / weights.mean() / np.sqrt(values.size)),
        float(1 / np.square(shares).sum()),
    )
