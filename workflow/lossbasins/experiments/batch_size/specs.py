"""What the stages of batch_size take."""

from pydantic import Field

from lossbasins.specs import base
from lossbasins.specs.comparison import Runs


class BatchSizeChoices(base.Spec):
    """What is compared, as a configuration says it."""

    full: str
    """Name of the optimizer whose batch is full."""
    mini: str
    """Name of the optimizer whose batch is not, which trains the bad solutions too."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""


class BatchSizeSpec(Runs, BatchSizeChoices):
    """Which runs to compare: of each model those with full batches, mini batches, and mini batches attacked."""
