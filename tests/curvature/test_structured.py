"""The structured route on networks that nobody chose."""

import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lossbasins.curvature import ggn_matrix, hessian_matrix
from lossbasins.curvature.structured import structured_factors
from tests.curvature.nets import random_objective
from tests.oracles import double_backward_rows, gauss_newton_from_jacobian


def relative_difference(found, expected):
    """In the Frobenius norm, with 1 for the scale of a matrix that vanishes."""
    return float((found - expected).norm() / (expected.norm() or 1.0))


@given(st.data())
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_factors_multiply_as_the_matrix_does(data):
    objective = random_objective(lambda options: data.draw(st.sampled_from(options)))
    factored = structured_factors(objective, memory=data.draw(st.sampled_from((1, 2**28))))
    expected = double_backward_rows(objective)
    assert relative_difference(factored @ torch.eye(objective.size, dtype=torch.float64), expected) < 1e-10
    assert relative_difference(factored @ expected[0], expected @ expected[0]) < 1e-10


@given(st.data())
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_network_of_known_layers(data):
    objective = random_objective(lambda options: data.draw(st.sampled_from(options)))
    assert relative_difference(hessian_matrix(objective, "structured"), double_backward_rows(objective)) < 1e-10
    assert relative_difference(ggn_matrix(objective, "structured"), gauss_newton_from_jacobian(objective)) < 1e-10


def test_worst_of_two_hundred_seeded_networks(capsys):
    differences = []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        objective = random_objective(lambda options, draw=generator: options[draw.integers(len(options))])
        found = hessian_matrix(objective, "structured")
        differences.append(relative_difference(found, double_backward_rows(objective)))
    with capsys.disabled():
        worst = int(np.argmax(differences))
        print(f"\n200 seeded networks: worst relative difference {differences[worst]:.1e}, at seed {worst}")
    assert max(differences) < 1e-10


def test_chunks_and_tiles_change_nothing(monkeypatch):
    monkeypatch.setattr("lossbasins.curvature.symmetric.TILE", 7)
    monkeypatch.setattr("lossbasins.curvature.symmetric.KRONECKER_ENTRIES", 50)
    for seed in range(20):
        generator = np.random.default_rng(seed)
        objective = random_objective(lambda options, draw=generator: options[draw.integers(len(options))])
        found = hessian_matrix(objective, "structured", memory=1)
        assert relative_difference(found, double_backward_rows(objective)) < 1e-10
        torch.testing.assert_close(found, found.T, rtol=0, atol=0)
