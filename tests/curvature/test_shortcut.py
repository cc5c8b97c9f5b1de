"""Tangents computed at the maxima of a pool alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lossbasins.curvature import Objective, hessian_matrix
from lossbasins.curvature.graph import read_graph
from lossbasins.curvature.shortcut import Shortcut, find_shortcuts
from tests.oracles import double_backward_rows

FUNCTIONS = (nn.Identity, nn.ReLU, lambda: nn.LeakyReLU(0.3), lambda: nn.Sequential(nn.ReLU(), nn.Hardtanh()))
POOLS = (
    lambda: nn.MaxPool2d(2, padding=1),
    lambda: nn.MaxPool2d(3, stride=1, padding=1),
    lambda: nn.AdaptiveMaxPool2d((2, 3)),
)
CONVOLUTIONS = (
    lambda: nn.Conv2d(2, 2, 3, padding=1),
    lambda: nn.Conv2d(2, 2, (1, 2), padding=(0, 1), bias=False),
    lambda: nn.Conv2d(2, 2, 3, stride=2, padding=2),
    lambda: nn.Conv2d(2, 2, 2, padding=1, dilation=2),
)


def objective_of(*layers):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(3, 2, 7, 6, generator=generator, dtype=torch.float64)
    features = nn.Sequential(*layers).double()
    with torch.no_grad():
        width = features(inputs).flatten(1).shape[1]
    model = nn.Sequential(features, nn.Flatten(), nn.Linear(width, 3)).double().eval()
    return Objective(model, inputs, torch.tensor([0, 1, 2]))


def hessian_and_shortcuts(objective, cost):
    """The matrix, and how many tangents took a shortcut."""
    taken = []
    push = Shortcut.push
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lossbasins.curvature.shortcut.COST", cost)
        patch.setattr(Shortcut, "push", lambda *arguments: taken.append(1) or push(*arguments))
        return hessian_matrix(objective, "structured"), len(taken)


@given(data=st.data())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_hessian_behind_shortcuts_equals_rows_of_double_backward(data):
    torch.manual_seed(data.draw(st.integers(0, 1000)))
    first = nn.Conv2d(2, 2, 3, padding=1), nn.ReLU()
    stages = [
        (data.draw(st.sampled_from(CONVOLUTIONS))(), data.draw(st.sampled_from(FUNCTIONS))(), pool())
        for pool in data.draw(st.lists(st.sampled_from(POOLS), min_size=1, max_size=2))
    ]
    objective = objective_of(*first, *(layer for stage in stages for layer in stage))
    found, taken = hessian_and_shortcuts(objective, cost=10**9)
    # Each stage passes on the tangents of all layers before it, those of its own convolution taking the usual way.
    assert taken == sum(range(1, len(stages) + 1))
    torch.testing.assert_close(found, double_backward_rows(objective), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(
    "layers",
    [
        (nn.Conv2d(2, 2, 3), nn.Tanh(), nn.MaxPool2d(2)),
        (nn.Conv2d(2, 2, 3), nn.ReLU(), nn.AvgPool2d(2)),
        (nn.Conv2d(2, 2, 3), nn.BatchNorm2d(2), nn.MaxPool2d(2)),
        (nn.Conv2d(2, 2, 3), nn.ReLU()),
    ],
)
def test_there_is_none_where_more_than_the_maxima_count(layers):
    objective = objective_of(nn.Conv2d(2, 2, 1), *layers)
    assert not find_shortcuts(read_graph(objective.model, objective.inputs, {}))


@pytest.mark.parametrize(("kernel", "taken"), [(1, 0), (5, 1)])
def test_it_is_taken_where_it_costs_less(kernel, taken):
    layers = nn.Conv2d(2, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 2, kernel, padding=kernel // 2), nn.MaxPool2d(2)
    assert hessian_and_shortcuts(objective_of(*layers), cost=2)[1] == taken
