"""The tenth percentile of the margins of training images: z_y - max z of other classes (Jiang et al. 2019)."""

from typing import Annotated

import torch
from pydantic import Field

from lossbasins.measures.solution import Measured, Solution
from lossbasins.training.evaluation import chunks

PRECISION = "float64"
CHEAP = True
SHARPER = "smaller"
UNITS = "of outputs"
INVARIANT_UNDER = "permutations and rescalings of hidden units"


def measure(solution: Solution, *, share: Annotated[float, Field(ge=0, le=1)] = 0.1) -> Measured:
    """Of logits, at the given share of the images; one forward pass."""
    with torch.no_grad():
        logits = torch.cat([solution.model(inputs) for inputs, _ in chunks(solution.train)])
    labels = solution.train.labels[:, None]
    own = logits.gather(1, labels)[:, 0]
    others = logits.scatter(1, labels, -torch.inf).max(dim=1).values
    return Measured(float(torch.quantile(own - others, share)))
