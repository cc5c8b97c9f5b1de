"""Fisher-Rao norm w^T F w, F the Fisher information of the training inputs (Liang et al. 2019, 1711.01530)."""

from lossbasins.curvature.autodiff import autodiff_product
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "rescalings of the layers of a homogeneous network"

CHUNK = 128
"""Images at a time: few enough to stay in a processor's cache."""


def measure(solution: Solution) -> Measured:
    """F is the Gauss-Newton matrix: labels are the model's own.

    For a network that is homogeneous of degree K in its parameters it is K^2 times the mean of f^T S f, S the Hessian
    of the loss in the outputs f.
    """
    objective = solution.objective
    parameters = objective.parameters
    product = autodiff_product(objective, parameters, ggn=True, residual=False, samples=CHUNK)
    return Measured(float(parameters @ product), gradients=2)
