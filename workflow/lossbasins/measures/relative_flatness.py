"""Relative flatness of the last layer: sum over s, t of <w_s, w_t> tr H_st (Petzka et al. 2021, 2001.00939)."""

from lossbasins.curvature.hessian import hessian_matrix
from lossbasins.curvature.objective import Objective
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
SHARPER = "larger"
UNITS = "nats"
INVARIANT_UNDER = "rescalings of the layer against the one before"


def measure(solution: Solution) -> Measured:
    """w_s is the weight of output s, H_st the block of the Hessian that belongs to w_s and w_t.

    A convolution's weight is one vector for each output channel, over all places that share it.
    """
    whole = solution.objective
    layer = max(number for number, shape in enumerate(whole.shapes) if len(shape) > 1)
    objective = Objective(solution.model, solution.train.inputs, solution.train.labels, parameters=whole.names[layer])
    weight = objective.parameters.reshape(objective.shapes[0]).flatten(1)
    hessian = hessian_matrix(objective).reshape(*weight.shape, *weight.shape)
    traces = hessian.diagonal(dim1=1, dim2=3).sum(dim=2)
    return Measured(float(((weight @ weight.T) * traces).sum()))
