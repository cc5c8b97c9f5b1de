"""The training loss around a solution, in the coordinates in which a prior is the standard normal."""

import math

import numpy as np
import scipy.linalg
import torch
from torch import Tensor

from lossbasins.curvature.hessian import hessian_matrix
from lossbasins.curvature.objective import Objective
from lossbasins.measures.solution import Solution
from lossbasins.sampling.thermodynamic import Landscape

CHUNK = 128
"""Images at a time: few enough to stay in a processor's cache."""


LEAST_BENDING = 0.05
"""Eigenvalues of b Sigma^1/2 H Sigma^1/2, b = 100 / c, below which a direction is left to the prior."""


class Surroundings:
    """dL(d) = L_S(w* + d) - L_S(w*), for displacements d = deviations * z; infinite where the network overflows.

    Networks are computed in the objective's precision; displacements, differences and sums over chunks in float64. In
    float32 the loss of a mLeNet on 512 images is right to about 1e-8, which is 1e-5 nats at an inverse temperature
    of 512.

    Args:
        objective: L_S at the solution.
        deviations: of each parameter, shape (P,), float64.
    """

    def __init__(self, objective: Objective, deviations: Tensor) -> None:
        self._objective = objective
        self._deviations = deviations.to(objective.device)
        self._centre = objective.parameters.double()
        self._bottom = self._loss(self._centre)

    def excess_alone(self, point: Tensor) -> float:
        """DL at z, shape (P,), by a forward pass."""
        return _or_infinite(self._loss(self._centre + self._deviations * point) - self._bottom)

    def excess(self, point: Tensor) -> tuple[float, Tensor]:
        """DL at z, and its gradient in z, float64."""
        pieces = [
            piece.to(self._objective.dtype).requires_grad_()
            for piece in self._objective.split(self._centre + self._deviations * point)
        ]
        loss, gradient = 0.0, torch.zeros_like(self._centre)
        for inputs, targets in self._objective.chunks(CHUNK):
            with torch.enable_grad():
                share = self._objective.loss_at(pieces, inputs, targets)
                slopes = torch.autograd.grad(share, pieces)
            loss += float(share.detach().double())
            gradient += torch.cat([slope.reshape(-1) for slope in slopes])
        return _or_infinite(loss - self._bottom), self._deviations * gradient

    def landscape(self, least: float) -> Landscape:
        """For a sampler, with all eigenpairs of the Hessian above `least`, in z and in float64."""
        hessian = hessian_matrix(self._objective.to(torch.float64)).cpu()
        deviations = self._deviations.cpu()
        scaled = (deviations[:, None] * hessian * deviations).numpy()
        values, vectors = scipy.linalg.eigh(scaled, subset_by_value=(least, np.inf), overwrite_a=True)
        device = self._centre.device
        return Landscape(
            self.excess,
            self.excess_alone,
            torch.from_numpy(values).to(device),
            torch.from_numpy(np.ascontiguousarray(vectors)).to(device),
        )

    def _loss(self, parameters: Tensor) -> float:
        pieces = [piece.to(self._objective.dtype) for piece in self._objective.split(parameters)]
        with torch.no_grad():
            shares = [
                self._objective.loss_at(pieces, inputs, targets) for inputs, targets in self._objective.chunks(CHUNK)
            ]
        return sum(float(share.double()) for share in shares)


def _or_infinite(excess: float) -> float:
    """What it is, where infinite outputs have made it no number."""
    return math.inf if math.isnan(excess) else excess


def landscape_below(solution: Solution, level: float, variances: Tensor) -> Landscape:
    """What samplers of {dL <= level} take.

    Args:
        solution: at whose parameters dL is zero.
        level: c, in nats.
        variances: of the prior, shape (P,), float64.
    """
    return Surroundings(solution.objective, variances.sqrt()).landscape(LEAST_BENDING * level / 100)
