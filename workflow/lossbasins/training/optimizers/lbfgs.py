"""Limited-memory BFGS, for full batches of one replica."""

from collections.abc import Iterable

import torch
from torch import Tensor

TRIALS = 25
"""Steps that a line search tries at most; torch's own limit would leave it none."""


def build(
    parameters: Iterable[Tensor],
    learning_rate: float,
    *,
    history: int = 20,
    iterations: int = 1,
    gradient_tolerance: float = 1e-7,
    change_tolerance: float = 1e-9,
) -> torch.optim.Optimizer:
    """Torch's L-BFGS with a strong Wolfe line search.

    Args:
        parameters: to be optimised.
        learning_rate: of the first trial of each line search.
        history: pairs of steps and gradient differences that are kept.
        iterations: per step, and so per epoch.
        gradient_tolerance: a step ends where no entry of the gradient is larger.
        change_tolerance: and where parameters or loss change by less.
    """
    return torch.optim.LBFGS(
        parameters,
        lr=learning_rate,
        max_iter=iterations,
        max_eval=iterations * (1 + TRIALS),
        tolerance_grad=gradient_tolerance,
        tolerance_change=change_tolerance,
        history_size=history,
        line_search_fn="strong_wolfe",
    )
