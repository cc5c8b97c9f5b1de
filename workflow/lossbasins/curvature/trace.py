"""The trace of a Hessian, exactly or with its standard error."""

from typing import Literal, get_args

from lossbasins.curvature.eigenpairs import is_formed
from lossbasins.curvature.hessian import hessian_matrix
from lossbasins.curvature.hutchinson import Estimate, matrix_trace
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operators import HessianOperator
from lossbasins.curvature.progress import Progress, counted

TraceMethod = Literal["auto", "matrix", "hutchinson", "deflated", "hutch++"]


def trace(
    objective: Objective,
    method: TraceMethod = "auto",
    *,
    probes: int = 100,
    seed: int = 0,
    deflation: int | None = None,
    relative_error: float | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    r"""The sum of the Hessian's eigenvalues.

    - "matrix": exact, up to rounding, from the matrix; its standard error is zero.
    - "hutchinson": the mean of :math:`v^\top H v` over standard normal v. Its variance is :math:`2 \|H\|_F^2` for one
      sample.
    - "deflated": with an orthonormal basis Q of the Krylov space of one random vector, where the outermost eigenvectors
      lie, and :math:`A = I - Q Q^\top`, :math:`\mathrm{tr}\, Q^\top H Q + E[v^\top A H A v]`, of which only the latter
      is random, with variance :math:`2 \|A H A\|_F^2`. Q is independent of v, so the estimate has no bias, and the
      samples are independent of each other, so their spread is its error.
    - "hutch++": the same with Q from the range of H on random vectors (Meyer et al., 2021), two products for each
      column. (XTrace takes each vector for both parts; its terms are not independent, and no interval follows.)

    Args:
        objective: what to differentiate.
        method: see above; "auto" is the matrix where `top_eigenpairs` would form it or its factors, else "deflated".
        probes: Hessian-vector products to spend at most, all parts together.
        seed: of the random vectors.
        deflation: columns of Q; by default half of the probes ("deflated") or a third ("hutch++").
        relative_error: stop sampling once standard error over value is this small, checked every ten samples.
        chunk: samples of data at a time, as in `HessianOperator`.
        progress: called with the products done and `probes` after each.

    Raises:
        ValueError: an unknown method, or too few probes for two random samples.
    """
    if method not in get_args(TraceMethod):
        raise ValueError(f"method={method!r}: choose one of {', '.join(map(repr, get_args(TraceMethod)))}")
    if method == "auto":
        method = "matrix" if is_formed(objective) else "deflated"
    if method == "matrix":
        return Estimate(float(hessian_matrix(objective).diagonal().double().sum()), 0.0, matvecs=0, samples=0)
    operator = HessianOperator(objective, chunk=chunk)
    return matrix_trace(
        counted(operator.product, probes, progress),
        objective.parameters,
        method,
        probes=probes,
        seed=seed,
        deflation=deflation,
        relative_error=relative_error,
    )
