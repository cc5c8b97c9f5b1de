"""Path norm: root of the sum over paths of products of squared weights (Neyshabur et al. 2015; Jiang et al. 2020)."""

from copy import deepcopy

import torch

from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
SHARPER = "larger"
UNITS = "of outputs"
INVARIANT_UNDER = "permutations and rescalings of hidden units"


def measure(solution: Solution) -> Measured:
    """A pass of ones through the squared parameters, with the pools of the network; one forward pass of one input.

    Tokens have no ones.
    """
    if not solution.train.inputs.is_floating_point():
        return Measured.missing("the inputs are no real numbers")
    squared = deepcopy(solution.model)
    with torch.no_grad():
        for values in squared.parameters():
            values.square_()
        ones = torch.ones_like(solution.train.inputs[:1])
        return Measured(float(squared(ones).sum().sqrt()), gradients=0)
