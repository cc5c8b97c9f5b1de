"""Random estimates of a symmetric matrix's squared Frobenius norm, from its products with vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from scipy.special import stdtrit
from torch import Tensor

Product = Callable[[Tensor], Tensor]
"""From a vector (P,) to the matrix times it."""

Estimator = Literal["hutchinson", "deflated", "hutch++"]

BLOCK = 10
"""Random samples between two looks at the relative error."""


@dataclass(frozen=True)
class Estimate:
    """A random estimate.

    Attributes:
        value: the estimate, unbiased unless said otherwise.
        standard_error: of the value, from the spread of the samples.
        matvecs: products spent (for finite differences, gradients beside the one at the point itself).
        samples: independent samples that the standard error rests on.
    """

    value: float
    standard_error: float
    matvecs: int
    samples: int

    @property
    def relative_error(self) -> float:
        """Standard error over value."""
        return self.standard_error / abs(self.value) if self.value else float("nan")

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided confidence interval by Student's t over the samples; it covers too little below some 20 of them."""
        half = float(stdtrit(self.samples - 1, 0.5 + level / 2)) * self.standard_error
        return self.value - half, self.value + half


def squared_norm(
    product: Product,
    like: Tensor,
    method: Estimator = "deflated",
    *,
    probes: int = 100,
    seed: int = 0,
    deflation: int | None = None,
    relative_error: float | None = None,
) -> Estimate:
    """An unbiased estimate of a symmetric matrix's squared Frobenius norm; the arguments are `frobenius_squared`'s.

    Args:
        product: the matrix times a vector (P,).
        like: a vector (P,) of the dtype and device that products take.
        method: "hutchinson", "deflated" or "hutch++".
        probes: products at most, all parts together.
        seed: of the random vectors.
        deflation: columns of the deflated basis.
        relative_error: where to stop.

    Raises:
        ValueError: an unknown method, or too few probes for two samples.
    """
    if method not in get_args(Estimator):
        raise ValueError(f"method={method!r}: choose one of {', '.join(map(repr, get_args(Estimator)))}")
    cost = {"hutchinson": 0, "deflated": 1, "hutch++": 2}[method]
    columns = min(deflation if deflation is not None else probes // (cost + 1), len(like)) if cost else 0
    if deflation is not None and not (cost and deflation >= 1):
        raise ValueError(f"deflation={deflation} with method={method!r}: it is a positive number for the other methods")
    if probes - cost * columns < 2 or (cost and columns < 1):
        raise ValueError(f"probes={probes} with method={method!r}: at least two must be left for samples")
    generator = torch.Generator().manual_seed(seed)
    if method == "hutchinson":
        return sampled(product, like, probes, generator, relative_error)
    basis, image = (krylov_basis if method == "deflated" else range_basis)(product, like, columns, generator)
    spent = cost * basis.shape[1]

    def remainder(vector: Tensor) -> Tensor:
        return product(vector - basis @ (basis.T @ vector))

    known = float(image.double().square().sum())
    return sampled(remainder, like, probes - spent, generator, relative_error, known=known, spent=spent)


def krylov_basis(product: Product, like: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Orthonormal basis Q (P, size) of a random vector's Krylov space, and its image; smaller if the space ends."""
    basis, image = like.new_empty(size, len(like)), like.new_empty(size, len(like))
    vector = normal(like, generator)
    for column in range(size):
        length = float(vector.norm())
        for _ in range(2):
            vector = vector - basis[:column].T @ (basis[:column] @ vector)
        if float(vector.norm()) <= 100 * torch.finfo(like.dtype).eps * length:
            return basis[:column].T, image[:column].T
        basis[column] = vector / vector.norm()
        vector = product(basis[column])
        image[column] = vector
    return basis.T, image.T


def range_basis(product: Product, like: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Orthonormal basis Q (P, size) of the matrix's range on random vectors, and its image."""
    sketch = torch.stack([product(normal(like, generator)) for _ in range(size)], dim=1)
    basis = torch.linalg.qr(sketch).Q
    return basis, torch.stack([product(column) for column in basis.T], dim=1)


def normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """A standard normal vector (P,), drawn in float64 on the CPU so that it is the same for every dtype and device."""
    return torch.randn(len(like), generator=generator, dtype=torch.float64).to(like)


def sampled(
    product: Product,
    like: Tensor,
    probes: int,
    generator: torch.Generator,
    relative_error: float | None,
    *,
    known: float = 0.0,
    spent: int = 0,
) -> Estimate:
    """The known part plus the mean squared length of products with random vectors, until they are precise enough."""
    samples: list[float] = []
    while True:
        samples += [
            float(product(normal(like, generator)).double().square().sum())
            for _ in range(min(BLOCK, probes - len(samples)))
        ]
        estimate = Estimate(
            value=known + float(np.mean(samples)),
            standard_error=float(np.std(samples, ddof=1) / len(samples) ** 0.5) if len(samples) > 1 else float("inf"),
            matvecs=spent + len(samples),
            samples=len(samples),
        )
        precise = relative_error is not None and estimate.standard_error <= relative_error * estimate.value
        if precise or len(samples) >= probes:
            return estimate
