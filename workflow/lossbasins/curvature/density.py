"""The spectral density of a Hessian by stochastic Lanczos quadrature."""

import torch

from lossbasins.curvature.eigenpairs import Eigenpairs
from lossbasins.curvature.lanczos import gauss_quadrature
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operators import HessianOperator
from lossbasins.curvature.progress import Progress, counted
from lossbasins.quadrature import SpectralDensity


def spectral_density(
    objective: Objective,
    *,
    probes: int = 10,
    steps: int = 100,
    seed: int = 0,
    deflate: Eigenpairs | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> SpectralDensity:
    """Spectral density of the Hessian of the mean loss, by stochastic Lanczos quadrature (Ubaru, Chen and Saad, 2017).

    Args:
        objective: what to differentiate.
        probes: standard normal vectors, two at least; the error band is their spread.
        steps: of the Lanczos process, re-orthogonalised in full; memory is steps times P.
        seed: of the vectors.
        deflate: eigenpairs to leave out: the density is then that of the remaining eigenvalues, free of the noise that
            a few outliers bring.
        chunk: samples of data at a time, as in `HessianOperator`.
        progress: called with the products done, and how many there will be at most, after each.

    Raises:
        ValueError: fewer than two probes or steps.
    """
    if probes < 2 or steps < 2:
        raise ValueError(f"probes={probes}, steps={steps}: each must be at least 2")
    operator = HessianOperator(objective, chunk=chunk)
    generator, like = torch.Generator().manual_seed(seed), objective.parameters
    known = None if deflate is None else torch.as_tensor(deflate.vectors).to(like)
    count = objective.size - (0 if deflate is None else len(deflate.values))
    product = counted(operator.product, probes * min(steps, count), progress)
    nodes, weights = [], []
    for _ in range(probes):
        start = torch.randn(objective.size, generator=generator, dtype=torch.float64).to(like)
        points, shares = gauss_quadrature(product, start, min(steps, count), known)
        nodes.append(points)
        weights.append(shares)
    return SpectralDensity(nodes, weights, count, min(steps, count), operator.products)
