"""Hamiltonian steps that are exact for a Gaussian, for targets that differ from it in few directions."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

Excess = Callable[[Tensor], tuple[float, Tensor]]
"""dL = L(w* + d) - L(w*) and its gradient at a point, a vector of the coordinates in which d is N(0, I)."""


class Position(NamedTuple):
    """Where a chain is."""

    point: Tensor
    """Shape (P,)."""
    excess: float
    """dL there."""
    gradient: Tensor
    """Of dL."""


@dataclass(frozen=True)
class Reference:
    r"""The Gaussian N(0, C), C = (I + V diag(c) V^T)^-1, that trajectories follow exactly.

    Args:
        curvature: c, shape (k,), not negative.
        vectors: V, shape (P, k), with orthonormal columns.
    """

    curvature: Tensor
    vectors: Tensor

    def draw(self, generator: torch.Generator) -> Tensor:
        """A vector from N(0, C)."""
        normal = torch.randn(len(self.vectors), generator=generator, dtype=self.vectors.dtype).to(self.vectors.device)
        return normal + self.vectors @ ((self.curvature + 1).rsqrt() - 1).mul(self.vectors.T @ normal)

    def energy(self, velocity: Tensor) -> float:
        """Of a velocity: 1/2 v^T C^-1 v."""
        return 0.5 * float(velocity @ velocity + (self.curvature * (self.vectors.T @ velocity).square()).sum())

    def bending(self, point: Tensor) -> float:
        """Of a point: 1/2 z^T V diag(c) V^T z, by which N(0, C) falls off faster than N(0, I)."""
        return 0.5 * float((self.curvature * (self.vectors.T @ point).square()).sum())

    def force(self, gradient: Tensor, point: Tensor) -> Tensor:
        """C (g - V diag(c) V^T z): what a gradient g leaves beyond the Gaussian's own, times C."""
        pulled = self.vectors.T @ gradient
        left = (pulled - self.curvature * (self.vectors.T @ point)) / (1 + self.curvature)
        return gradient + self.vectors @ (left - pulled)


def inverse_temperature_at(level: float, curvature: Tensor) -> float:
    """The b at which a quadratic's mean of dL is a level, by bisection in ln b; about 0 where it is below all b.

    Args:
        level: of dL.
        curvature: eigenvalues of the Hessian of dL under N(0, I), shape (k,), not negative.
    """
    low, high = -20.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = 0.5 * float((curvature / (1 + curvature * math.exp(middle))).sum())
        low, high = (middle, high) if mean > level else (low, middle)
    return math.exp(low)


def trajectory(
    start: Position,
    excess: Excess,
    inverse_temperature: float,
    reference: Reference,
    angle: float,
    steps: int,
    generator: torch.Generator,
) -> tuple[Position, float]:
    r"""One draw from the density exp(-b dL(z) - |z|^2 / 2), by a trajectory with a Metropolis decision at its end.

    The energy is that of the Gaussian N(0, C), whose trajectories are rotations of position and velocity, and a
    remainder, which kicks the velocity before and after each (Beskos et al. 2011). Directions in which the target is
    that Gaussian cost no acceptance, however many there are. A single step is the Langevin proposal with the metric C,
    whose noise has the variance that makes it exact there.

    Args:
        start: the chain's position.
        excess: dL and its gradient.
        inverse_temperature: b.
        reference: with a curvature near b times that of dL.
        angle: of each rotation, in radians.
        steps: rotations, each with one gradient.
        generator: of the CPU; all randomness is drawn from it.

    Returns:
        The next position, and the probability with which the end was to be accepted.
    """
    b = inverse_temperature
    velocity = reference.draw(generator)
    position = start
    before = _energy(start, b) + reference.energy(velocity)
    kick = math.tan(angle / 2)
    force = reference.force(b * start.gradient, start.point)
    for _ in range(steps):
        velocity = velocity - kick * force
        point = math.cos(angle) * position.point + math.sin(angle) * velocity
        velocity = math.cos(angle) * velocity - math.sin(angle) * position.point
        position = Position(point, *excess(point))
        force = reference.force(b * position.gradient, position.point)
        velocity = velocity - kick * force
    risen = _energy(position, b) + reference.energy(velocity) - before
    probability = math.exp(-max(risen, 0.0)) if math.isfinite(risen) else 0.0
    accepted = float(torch.rand((), generator=generator, dtype=torch.float64)) < probability
    return (position if accepted else start), probability


def _energy(position: Position, b: float) -> float:
    """Without the velocity: b dL + |z|^2 / 2."""
    return b * position.excess + 0.5 * float(position.point @ position.point)
