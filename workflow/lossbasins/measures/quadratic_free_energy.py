"""Free energy F_Q(n) of the quadratic at a solution, under the prior of `thermodynamic_integration`."""

from typing import Annotated

from pydantic import Field

from lossbasins.curvature.decomposition import eigenvalues
from lossbasins.curvature.hessian import hessian_matrix
from lossbasins.measures.solution import Measured, Solution
from lossbasins.sampling.prior import prior_variances

PRECISION = "float64"
RESOURCES = {"gpu": 1, "mem_mb": 16000, "runtime": 60}
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "permutations of hidden units; not rescalings"


def measure(
    solution: Solution,
    *,
    prior_scale: Annotated[float, Field(gt=0)] = 1.0,
    bias_variance: Annotated[float, Field(gt=0)] = 0.01,
) -> Measured:
    """1/2 sum log(1 + n l) over the positive eigenvalues l of Sigma^1/2 H Sigma^1/2, n training images.

    Args:
        solution: in float64.
        prior_scale: factor of the prior's variances.
        bias_variance: of biases.
    """
    objective = solution.objective
    deviations = (prior_scale * prior_variances(solution.model, bias_variance)).sqrt().to(objective.parameters)
    bent = eigenvalues(deviations[:, None] * hessian_matrix(objective) * deviations).clamp(min=0)
    return Measured(0.5 * float((objective.samples * bent).log1p().sum()))
