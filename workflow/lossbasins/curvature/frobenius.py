"""Estimates of the squared Frobenius norm of a Hessian, with their standard errors."""

from typing import Literal, get_args

import torch

from lossbasins.curvature.autodiff import gradient_at
from lossbasins.curvature.hutchinson import Estimate, Product, sampled, squared_length, squared_norm
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operators import HessianOperator
from lossbasins.curvature.progress import Progress, counted

FrobeniusMethod = Literal["finite_difference", "hutchinson", "deflated", "hutch++"]


def frobenius_squared(
    objective: Objective,
    method: FrobeniusMethod = "deflated",
    *,
    probes: int = 100,
    seed: int = 0,
    deflation: int | None = None,
    relative_error: float | None = None,
    step: float | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    r"""An unbiased estimate of :math:`\|H\|_F^2`, the sum of squared eigenvalues.

    - "hutchinson": the mean of :math:`\|H v\|^2` over standard normal v. Its variance is
      :math:`2 \|H^2\|_F^2` for one sample, so a few large eigenvalues dominate it.
    - "finite_difference": the same with :math:`(\nabla L(w + \epsilon v) - \nabla L(w)) / \epsilon` for H v, as in
      section 5.2. It carries a bias that the standard error does not know: see `difference_step`.
    - "deflated": with an orthonormal basis Q of the Krylov space of one random vector, where the top eigenvectors
      lie, :math:`\|H Q\|_F^2 + E \|H (I - Q Q^T) v\|^2`. Only the remainder is random. Building Q takes
      one product for each column.
    - "hutch++": the same with Q from the range of H on random vectors (Meyer et al., 2021), two
      products for each column.

    Args:
        objective: what to differentiate.
        method: see above.
        probes: Hessian-vector products to spend at most, all parts together (gradients for finite differences).
        seed: of the random vectors; equal seeds give equal vectors in "hutchinson" and "finite_difference".
        deflation: columns of Q; by default half of the probes ("deflated") or a third ("hutch++").
        relative_error: stop sampling once standard error over value is this small, checked every ten samples.
        step: epsilon of the finite difference; by default `difference_step`.
        chunk: samples of data at a time, as in `HessianOperator`.
        progress: called with the probes spent and `probes` after each.

    Raises:
        ValueError: too few probes for two random samples, or settings that the method does not have.
    """
    if method not in get_args(FrobeniusMethod):
        raise ValueError(f"method={method!r}: choose one of {', '.join(map(repr, get_args(FrobeniusMethod)))}")
    if step is not None and (method != "finite_difference" or step <= 0):
        raise ValueError(f"step={step} with method={method!r}: it is a positive number for 'finite_difference' alone")
    if method != "finite_difference":
        operator = HessianOperator(objective, chunk=chunk)
        return squared_norm(
            counted(operator.product, probes, progress),
            objective.parameters,
            method,
            probes=probes,
            seed=seed,
            deflation=deflation,
            relative_error=relative_error,
        )
    if deflation is not None or probes < 2:
        raise ValueError(f"deflation={deflation}, probes={probes}: finite differences need two probes and deflate none")
    product = counted(_differences(objective, step or difference_step(objective), chunk), probes, progress)
    generator = torch.Generator().manual_seed(seed)
    return sampled(product, objective.parameters, squared_length, probes, generator, relative_error)


def difference_step(objective: Objective) -> float:
    """Step of the finite difference along a standard normal vector, in parameter units.

    The root mean square of the parameters times the square root of the machine precision, 1.5e-8 in float64: rounding
    of the gradients then costs about half of their digits. A longer step is worse in a ReLU network, where the gradient
    jumps at kinks. A jump divided by the step is huge, so the few probes that cross a kink dominate the mean; the
    chance of crossing one falls with the step. In float32 (3.5e-4) probes cross many kinks: use float64.
    """
    scale = float(objective.parameters.double().square().mean().sqrt())
    return float(torch.finfo(objective.dtype).eps ** 0.5) * (scale or 1.0)


def _differences(objective: Objective, step: float, chunk: int | None) -> Product:
    point = objective.parameters
    base = gradient_at(objective, point, chunk)
    return lambda vector: (gradient_at(objective, point + step * vector, chunk) - base) / step
