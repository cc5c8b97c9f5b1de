"""Forward over reverse mode by columns, on networks that nobody chose and on every kind of step."""

import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.curvature import Objective, UnsupportedLayerError, ggn_matrix, hessian_matrix, residual_matrix
from lossbasins.curvature.columns import columns_matrix
from lossbasins.curvature.reading import read_program
from tests.curvature.nets import random_modern_objective, random_objective
from tests.curvature.test_structured import relative_difference
from tests.curvature.zoo import CLASSES, MODELS, SAMPLES, Does, built, linears, vectors
from tests.oracles import double_backward_rows, gauss_newton_from_jacobian

UNREADABLE = {
    *("RNN", "GRU", "LSTM", "LSTM in both directions", "LSTM of two layers"),
    *("in place, looked at before", "branch on data", "loop over samples", "sorted", "hook", "pruned"),
    *("spectral norm by hook", "orthogonal", "data parallel inside", "bilinear", "ELU, Mish and GLU"),
}


@pytest.mark.parametrize("name", MODELS)
def test_both_parts_of_every_model_that_can_be_read(name):
    objective = Objective(*built(name))
    if name in UNREADABLE:
        with pytest.raises(UnsupportedLayerError):
            read_program(objective)
        return
    program = read_program(objective)
    expected, gauss_newton = double_backward_rows(objective), gauss_newton_from_jacobian(objective)
    for memory in (2**28, 4 * 20_000):
        parts = [
            columns_matrix(objective, program, ggn=ggn, residual=residual, memory=memory)
            for ggn, residual in ((True, True), (True, False), (False, True))
        ]
        scale = float(gauss_newton.norm())
        for found, right in zip(parts, (expected, gauss_newton, expected - gauss_newton), strict=True):
            assert float((found - right).norm()) < 1e-11 * scale
            assert torch.equal(found, found.T)


def test_worst_of_sixty_seeded_networks_of_modern_layers(capsys):
    differences = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        objective = random_modern_objective(lambda options, draw=generator: options[draw.integers(len(options))])
        found = hessian_matrix(objective, "structured")
        differences.append(relative_difference(found, double_backward_rows(objective)))
    with capsys.disabled():
        worst = int(np.argmax(differences))
        print(f"\n60 seeded networks of modern layers: worst {differences[worst]:.1e}, at seed {worst}")
    assert max(differences) < 1e-10


def test_columns_give_what_tangents_give():
    for seed in range(20):
        generator = np.random.default_rng(seed)
        objective = random_objective(lambda options, draw=generator: options[draw.integers(len(options))])
        found = columns_matrix(objective, read_program(objective), ggn=True, residual=True, memory=2**28)
        assert relative_difference(found, hessian_matrix(objective, "structured")) < 1e-10


@pytest.mark.parametrize("memory", [1, 10**5])
def test_memory_changes_no_digit_that_matters(memory):
    objective = Objective(*built("encoder layer"))
    expected = double_backward_rows(objective)
    for find, right in ((hessian_matrix, expected), (ggn_matrix, gauss_newton_from_jacobian(objective))):
        assert relative_difference(find(objective, "structured", memory=memory), right) < 1e-10
    found = residual_matrix(objective, "structured", memory=memory)
    assert relative_difference(found, expected - gauss_newton_from_jacobian(objective)) < 1e-10


FUNCTIONS = {
    "a product that broadcasts": lambda m, x: m.b(m.a(x) * m.c(x)),
    "a product that broadcasts, reversed": lambda m, x: m.b(m.c(x) * m.a(x)),
    "a square": lambda m, x: m.b(m.a(x) * m.a(x)),
    "a quotient": lambda m, x: m.b(m.a(x) / (2 + m.c(x) ** 2)),
    "constants over a layer": lambda m, x: m.b(1 / (3 + m.a(x).square())),
    "a sum that broadcasts": lambda m, x: m.b(torch.add(m.a(x), m.c(x), alpha=2)),
    "matrix products": lambda m, x: m.b((m.a(x)[:, :, None] @ m.a(x)[:, None]).softmax(-1).sum(1)),
    "softmax of another dimension": lambda m, x: m.b((m.a(x)[:, :, None] * m.a(x)[:, None]).softmax(1).mean(-1)),
    "no gradient through a part": lambda m, x: m.b(m.a(x) * m.a(x).detach()),
    "a weight that is computed": lambda m, x: m.b(nn.functional.linear(x, m.a.weight * m.a.weight, m.a.bias)),
    "several results": lambda m, x: m.b(torch.cat(m.a(x).split([2, 3], 1)[::-1], 1)),
    "the largest": lambda m, x: m.b(m.a(x) - m.a(x).amax(1, keepdim=True)),
    "shapes": lambda m, x: m.b(m.a(x).view(x.size(0), -1, 1).expand(-1, -1, 2).reshape(x.shape[0], -1)[:, :5]),
    "entries chosen": lambda m, x: m.b(torch.where(m.a(x) > 0, m.a(x), 0.1 * m.a(x).tanh())),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    torch.manual_seed(0)
    model = Does(FUNCTIONS[name], **linears(a=(4, 5), b=(5, CLASSES), c=(4, 1))).double().eval()
    objective = Objective(model, vectors(), torch.arange(SAMPLES) % CLASSES)
    program = read_program(objective)
    found = columns_matrix(objective, program, ggn=True, residual=True, memory=2**28)
    assert relative_difference(found, double_backward_rows(objective)) < 1e-11


def test_what_is_traced_without_its_context_is_not_taken():
    def frozen(model, inputs):
        with torch.no_grad():
            hidden = model.a(inputs)
        return model.b(hidden * model.c(inputs))

    model = Does(frozen, **linears(a=(4, 5), b=(5, CLASSES), c=(4, 1))).double().eval()
    objective = Objective(model, vectors(), torch.arange(SAMPLES) % CLASSES)
    with pytest.raises(UnsupportedLayerError, match="is not what it does"):
        read_program(objective)
    torch.testing.assert_close(hessian_matrix(objective), double_backward_rows(objective), rtol=1e-10, atol=1e-13)
