import pytest
import torch
from torch import nn

from tests.training.problems import problem


@pytest.mark.parametrize("attack_weight", [0.0, 0.3])
def test_the_weighted_sum_over_all_images_is_the_sum_of_the_two_means(attack_weight):
    data = problem(attack_weight)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    losses = nn.functional.cross_entropy(model(data.images.inputs), data.images.labels, reduction="none")
    expected = nn.functional.cross_entropy(model(data.train.inputs), data.train.labels)
    if data.attack:
        attack = nn.functional.cross_entropy(model(data.attack.inputs), data.attack.labels)
        expected = expected + attack_weight * attack
    torch.testing.assert_close(losses @ data.weights(data.trained, data.attacked, losses), expected)
