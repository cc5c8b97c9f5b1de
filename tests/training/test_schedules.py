import numpy as np
import pytest
import torch

from lossbasins.specs.entries import OptimizerSpec
from lossbasins.training.schedules import learning_rate

SCHEDULERS = {
    "constant": lambda optimizer: torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1),
    "cosine": lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20),
    "steps": lambda optimizer: torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[3, 11], gamma=0.1),
}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_schedules_are_those_of_torch(name):
    schedule = {"after": (3, 11), "factor": 0.1} if name == "steps" else name
    spec = OptimizerSpec(method="sgd", learning_rate=0.2, epochs=20, schedule=schedule)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    scheduler = SCHEDULERS[name](optimizer)
    expected = []
    for _ in range(20):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose([learning_rate(spec, epoch) for epoch in range(1, 21)], expected, rtol=1e-12)
