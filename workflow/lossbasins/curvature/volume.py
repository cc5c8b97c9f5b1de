"""The size of a basin of a large network, from estimates of its Hessian's eigenvalues."""

from dataclasses import dataclass

import numpy as np

from lossbasins.curvature.eigenpairs import Eigenpairs
from lossbasins.quadrature import SpectralDensity
from lossbasins.volume import log_inverse_volume


@dataclass(frozen=True)
class VolumeEstimate:
    """An estimated log inverse volume and its standard error over the density's probes."""

    value: float
    standard_error: float


def estimate_log_inverse_volume(top: Eigenpairs, density: SpectralDensity, k: int) -> VolumeEstimate:
    r"""Logarithm of the inverse basin volume of a large network, from its top eigenvalues and a density of the rest.

    The sum of `log_inverse_volume` is split: the top eigenvalues enter exactly, the others through the quantiles of the
    density, pooled over probes. The standard error is the jackknife's over probes; the bias of a Gauss rule with few
    steps is not in it, so more steps should change the value by less than the error.

    Args:
        top: the largest algebraic eigenpairs.
        density: of the remaining eigenvalues: `spectral_density(..., deflate=top)`.
        k: how many of the largest eigenvalues to multiply, at least as many as `top` has.

    Raises:
        ValueError: k is smaller than the number of top eigenpairs or larger than that of positive eigenvalues, or the
            top eigenvalues are not all positive.
    """
    if k < len(top.values):
        raise ValueError(f"k={k}, but {len(top.values)} eigenvalues are known: use log_inverse_volume")
    exact = log_inverse_volume(top.values, len(top.values))
    probes = range(len(density.nodes))
    value = _tail(density, k - len(top.values), list(probes))
    left_out = np.array([_tail(density, k - len(top.values), [i for i in probes if i != out]) for out in probes])
    variance = (len(left_out) - 1) * left_out.var()
    return VolumeEstimate(exact + value, float(np.sqrt(variance)))


def _tail(density: SpectralDensity, rank: int, probes: list[int]) -> float:
    """Sum of the logarithms of the `rank` largest eigenvalues that the density of some probes describes."""
    nodes = np.concatenate([density.nodes[probe] for probe in probes])
    masses = np.concatenate([density.weights[probe] for probe in probes]) * density.count / len(probes)
    order = np.argsort(nodes)[::-1]
    nodes, masses = nodes[order], masses[order]
    before = np.cumsum(masses) - masses
    taken = np.clip(rank - before, 0, masses)
    if (nodes[taken > 0] <= 0).any():
        positive = masses[nodes > 0].sum()
        raise ValueError(f"the density has about {positive:.1f} more positive eigenvalues, but {rank} are asked for")
    return float((taken[taken > 0] * np.log(nodes[taken > 0])).sum())
