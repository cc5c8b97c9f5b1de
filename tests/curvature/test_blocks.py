import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.curvature import Objective, block_norms, ggn_matrix
from tests.oracles import double_backward_rows, gauss_newton_from_jacobian


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double().eval()
    return Objective(model, torch.randn(20, 4).double(), torch.randint(0, 3, (20,)))


def check(norms, matrix, model):
    stop = 0
    spans = {name: slice(stop, stop := stop + value.numel()) for name, value in model.named_parameters()}
    assert list(norms) == list(spans)
    for name, rows in spans.items():
        block = matrix[rows, rows]
        assert norms[name].size == len(block)
        np.testing.assert_allclose(norms[name].trace, np.trace(block), rtol=1e-10)
        np.testing.assert_allclose(norms[name].largest, np.linalg.eigvalsh(block).max(), rtol=1e-10)
        for other, columns in spans.items():
            np.testing.assert_allclose(norms[name].frobenius[other], np.linalg.norm(matrix[rows, columns]), rtol=1e-10)


def test_norms_of_the_hessian(objective):
    check(block_norms(objective), double_backward_rows(objective).numpy(), objective.model)


def test_norms_of_another_matrix(objective):
    norms = block_norms(objective, matrix=ggn_matrix(objective))
    check(norms, gauss_newton_from_jacobian(objective).detach().numpy(), objective.model)


def test_blocks_make_up_the_whole(objective):
    norms = block_norms(objective).values()
    matrix = double_backward_rows(objective)
    assert sum(each.trace for each in norms) == pytest.approx(float(matrix.trace()))
    assert sum(n**2 for each in norms for n in each.frobenius.values()) == pytest.approx(float(matrix.norm()) ** 2)


def test_a_matrix_of_another_shape(objective):
    with pytest.raises(ValueError, match=r"shape \(3, 3\): give one of \(43, 43\)"):
        block_norms(objective, matrix=torch.eye(3))
