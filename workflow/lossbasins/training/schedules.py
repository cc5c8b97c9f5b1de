"""How the learning rate falls."""

import math

from lossbasins.specs.entries import OptimizerSpec, StepSchedule


def learning_rate(optimizer: OptimizerSpec, epoch: int) -> float:
    """The learning rate of an epoch.

    Args:
        optimizer: with its schedule: `constant`; `cosine`, which falls to zero over `epochs`; or steps.
        epoch: from 1.
    """
    start, schedule = optimizer.learning_rate, optimizer.schedule
    if isinstance(schedule, StepSchedule):
        return start * schedule.factor ** sum(epoch > milestone for milestone in schedule.after)
    if schedule == "cosine":
        return start * (1 + math.cos(math.pi * (epoch - 1) / optimizer.epochs)) / 2
    return start
