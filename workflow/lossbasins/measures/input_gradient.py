"""How steep the network is: mean over training images of the norm of the Jacobian of its logits (Novak et al. 2018)."""

import torch

from lossbasins.measures.solution import Measured, Solution
from lossbasins.training.evaluation import chunks

PRECISION = "float64"
CHEAP = True
SHARPER = "larger"
UNITS = "of outputs per deviation of a pixel"
INVARIANT_UNDER = "permutations and rescalings of hidden units"


def measure(solution: Solution) -> Measured:
    """Frobenius norms; a backward pass for each class. Tokens have no neighbours to be steep towards."""
    if not solution.train.inputs.is_floating_point():
        return Measured.missing("the inputs are no real numbers")
    norms = []
    for images, _ in chunks(solution.train):
        inputs = images.clone().requires_grad_()
        with torch.enable_grad():
            logits = solution.model(inputs)
        rows = [torch.autograd.grad(one.sum(), inputs, retain_graph=True)[0] for one in logits.unbind(dim=1)]
        norms.append(torch.stack([row.flatten(1).square().sum(dim=1) for row in rows]).sum(dim=0).sqrt())
    return Measured(float(torch.cat(norms).mean()), gradients=logits.shape[1])
