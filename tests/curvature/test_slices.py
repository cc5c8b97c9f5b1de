import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.curvature import Objective, losses_at, top_eigenpairs


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double().eval()
    return Objective(model, torch.randn(20, 4).double(), torch.randint(0, 3, (20,)))


def loss_of(objective, moved):
    parameters = dict(zip(objective.names, objective.split(moved), strict=True))
    outputs = torch.func.functional_call(objective.model, parameters, (objective.inputs,))
    return nn.functional.cross_entropy(outputs, objective.targets).item()


def test_losses_on_a_plane(objective):
    first, second = torch.randn(2, objective.size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    grid = np.stack(np.meshgrid([-1.0, 0.0, 2.0], [0.5, 1.0], indexing="ij"), axis=-1)
    before, told = objective.parameters, []
    found = losses_at(objective, [first.numpy(), second], grid, chunk=7, progress=lambda *n: told.append(n))
    assert found.shape == (3, 2)
    for place in np.ndindex(3, 2):
        step = grid[place]
        assert found[place] == pytest.approx(loss_of(objective, before + step[0] * first + step[1] * second), rel=1e-12)
    assert told == [(done, 6) for done in range(1, 7)]
    torch.testing.assert_close(objective.parameters, before, rtol=0, atol=0)


def test_second_difference_along_an_eigenvector_is_its_eigenvalue(objective):
    top = top_eigenpairs(objective, 1)
    step = 1e-3
    left, middle, right = losses_at(objective, [top.vectors[:, 0]], [[-step], [0.0], [step]])
    assert middle == pytest.approx(objective.value, rel=1e-12)
    assert (left + right - 2 * middle) / step**2 == pytest.approx(top.values[0], rel=1e-4)


@pytest.mark.parametrize(
    ("directions", "coefficients", "message"),
    [
        ([np.ones(3)], [[1.0]], r"shape \(3,\): give vectors of shape \(43,\)"),
        ([np.ones(43)], [[1.0, 2.0]], r"shape \(1, 2\) for 1 directions"),
        ([np.ones(43)], 1.0, r"shape \(\) for 1 directions"),
    ],
)
def test_what_does_not_fit(objective, directions, coefficients, message):
    with pytest.raises(ValueError, match=message):
        losses_at(objective, directions, coefficients)
