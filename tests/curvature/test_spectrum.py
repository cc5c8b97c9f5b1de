import math

import numpy as np
import pytest
import torch

from lossbasins.curvature import matrix_spectrum


def test_counts_of_a_known_matrix():
    rotation = torch.linalg.qr(torch.randn(5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))).Q
    values = torch.tensor([-2.0, 0.0, 0.5, 1.0, 4.0], dtype=torch.float64)
    found = matrix_spectrum(rotation @ values.diag() @ rotation.T)
    np.testing.assert_allclose(found.eigenvalues, values, atol=1e-14)
    assert (found.negative, found.positive, found.rank) == (1, 3, 4)
    assert found.condition == pytest.approx(8.0)
    assert found.trace == pytest.approx(3.5)
    assert found.frobenius_squared == pytest.approx(21.25)


def test_zero_matrix_has_no_condition():
    found = matrix_spectrum(torch.zeros(3, 3))
    assert found.rank == 0
    assert math.isnan(found.condition)
