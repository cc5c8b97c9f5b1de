"""The squared Frobenius norm of the Hessian of the training loss, estimated from random products (section 5.2)."""

from typing import Annotated, Literal

from pydantic import Field

from lossbasins.curvature.frobenius import frobenius_squared
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float32"
NEEDS = {("method", "finite_difference"): ("precision", "float64")}
SHARPER = "larger"
UNITS = "nats squared per parameter unit to the fourth"
INVARIANT_UNDER = "permutations of hidden units; not rescalings"
RESOURCES = {"gpu": 1, "mem_mb": 8000, "runtime": 30}


def measure(
    solution: Solution,
    *,
    method: Literal["finite_difference", "hutchinson", "deflated", "hutch++"] = "deflated",
    probes: Annotated[int, Field(ge=6)] = 20,
) -> Measured:
    """The squared norm, its standard error, and the products that were spent.

    Args:
        solution: with a seed of its own for the probes.
        method: `finite_difference` is the paper's, `deflated` the most exact for its cost.
        probes: Hessian-vector products to spend, of which every method leaves at least two random ones.
    """
    estimate = frobenius_squared(solution.objective, method, probes=probes, seed=solution.seed)
    return Measured(estimate.value, estimate.standard_error, estimate.matvecs)
