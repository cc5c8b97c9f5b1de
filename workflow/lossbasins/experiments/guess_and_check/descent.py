"""The same networks, found by following gradients over all images at every step."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from lossbasins.experiments.guess_and_check.fit import Fit
from lossbasins.experiments.guess_and_check.specs import Method
from lossbasins.training.optimizers import adam, sgd

BUILD: Mapping[Method, Callable[..., torch.optim.Optimizer]] = {"adam": adam.build, "sgd": sgd.build}
Reached = Callable[[Tensor], Tensor]
"""From vectors (N, P) to whether each is where it should be, bool, (N,)."""


def descend(
    fit: Fit, starts: Tensor, method: Method, learning_rate: float, steps: int, reached: Reached
) -> tuple[Tensor, Tensor]:
    """Minimises the mean loss of each network by itself, and keeps it as it is where it should be first.

    Args:
        fit: networks and images.
        starts: vectors (N, P).
        method: of the descent; neither makes one network's steps depend on another's.
        learning_rate: in units of weights, not of the vectors' entries.
        steps: at most.
        reached: where a network should be.

    Returns:
        Vectors (N, P), and which of them are where they should be, bool, (N,); the others are as they started.
    """
    parts = [weights.clone().requires_grad_() for weights in fit.nets.layers(starts)]
    optimizer = BUILD[method](parts, learning_rate=learning_rate)
    found, done = starts.clone(), torch.zeros(len(starts), dtype=torch.bool, device=starts.device)
    for step in range(steps + 1):
        vectors = fit.nets.vectors(parts)
        with torch.no_grad():
            new = reached(vectors) & ~done
            found[new] = vectors[new]
            done |= new
        if done.all() or step == steps:
            break
        optimizer.zero_grad()
        fit.loss(vectors).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return found, done
