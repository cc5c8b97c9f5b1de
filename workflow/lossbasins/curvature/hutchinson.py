"""Random estimates of a symmetric matrix's squared Frobenius norm and trace, from its products with vectors."""

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

Quantity = Callable[[Tensor, Tensor], float]
"""Of vectors and their images: its mean over standard normal vectors is what is estimated."""

BLOCK = 10
"""Random samples between two looks at the relative error."""


@dataclass(frozen=True)
class Estimate:
    """A random estimate.

    Attributes:
        value: the estimate, unbiased unless said otherwise.
        standard_error: of the value, from the spread of the samples.
        matvecs: products spent (for finite differences, gradients beside the one at the point itself).
        samples: independent samples that the standard error rests on; 0 where the value is exact.
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
        if not self.samples:
            return self.value, self.value
        half = float(stdtrit(self.samples - 1, 0.5 + level / 2)) * self.standard_error
        return self.value - half, self.value + half


def squared_length(_: Tensor, images: Tensor) -> float:
    """The quantity whose mean is the squared Frobenius norm."""
    return float(images.double().square().sum())


def quadratic_form(vectors: Tensor, images: Tensor) -> float:
    """The quantity whose mean is the trace."""
    return float((vectors.double() * images.double()).sum())


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
    return _estimate(product, like, method, squared_length, probes, seed, deflation, relative_error)


def matrix_trace(
    product: Product,
    like: Tensor,
    method: Estimator = "deflated",
    *,
    probes: int = 100,
    seed: int = 0,
    deflation: int | None = None,
    relative_error: float | None = None,
) -> Estimate:
    """An unbiased estimate of a symmetric matrix's trace, such as a Fisher matrix's; arguments as of `squared_norm`."""
    return _estimate(product, like, method, quadratic_form, probes, seed, deflation, relative_error)


def _estimate(
    product: Product,
    like: Tensor,
    method: Estimator,
    quantity: Quantity,
    probes: int,
    seed: int,
    deflation: int | None,
    relative_error: float | None,
) -> Estimate:
    """The quantity on a basis, exactly, plus its mean over vectors orthogonal to that."""
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
        return sampled(product, like, quantity, probes, generator, relative_error)
    basis, image = (krylov_basis if method == "deflated" else range_basis)(product, like, columns, generator)
    spent, known = cost * basis.shape[1], quantity(basis, image)
    return sampled(
        product, like, quantity, probes - spent, generator, relative_error, known=known, spent=spent, without=basis
    )


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
    quantity: Quantity,
    probes: int,
    generator: torch.Generator,
    relative_error: float | None,
    *,
    known: float = 0.0,
    spent: int = 0,
    without: Tensor | None = None,
) -> Estimate:
    """The known part plus the mean of a quantity over random vectors, until it is precise enough.

    Vectors are orthogonal to the columns of `without`, an orthonormal basis (P, size).
    """
    samples: list[float] = []
    while True:
        for _ in range(min(BLOCK, probes - len(samples))):
            vector = normal(like, generator)
            if without is not None:
                vector = vector - without @ (without.T @ vector)
            samples.append(quantity(vector, product(vector)))
        estimate = Estimate(
            value=known + float(np.mean(samples)),
            standard_error=float(np.std(samples, ddof=1) / len(samples) ** 0.5) if len(samples) > 1 else float("inf"),
            matvecs=spent + len(samples),
            samples=len(samples),
        )
        precise = relative_error is not None and estimate.standard_error <= relative_error * abs(estimate.value)
        if precise or len(samples) >= probes:
            return estimate
