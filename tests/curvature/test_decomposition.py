"""Eigendecompositions that do not converge at first."""

import numpy as np
import pytest
import torch

from lossbasins.curvature import EigenvalueError, matrix_spectrum
from lossbasins.curvature.decomposition import eigenpairs, eigenvalues

MATRIX = torch.diag(torch.tensor([3.0, 1.0, 2.0])) + 0.1


def failing(original, fails):
    def decompose(matrix):
        if fails(matrix):
            raise torch.linalg.LinAlgError("linalg.eigh: The algorithm failed to converge")
        return original(matrix)

    return decompose


def not_finite(matrix):
    return torch.full((len(matrix),), torch.nan)


@pytest.mark.parametrize("values", [lambda m: matrix_spectrum(m).eigenvalues, lambda m: eigenvalues(m).numpy()])
@pytest.mark.parametrize("first", ["fails", "is not finite"])
def test_float32_is_tried_again_in_float64(values, first, monkeypatch):
    original = torch.linalg.eigvalsh
    if first == "fails":
        replaced = failing(original, lambda matrix: matrix.dtype == torch.float32)
    else:
        replaced = lambda matrix: (not_finite if matrix.dtype == torch.float32 else original)(matrix)  # noqa: E731
    monkeypatch.setattr(torch.linalg, "eigvalsh", replaced)
    np.testing.assert_allclose(values(MATRIX), np.linalg.eigvalsh(MATRIX.double().numpy()), rtol=1e-12)


def test_vectors_are_tried_again_in_float64(monkeypatch):
    monkeypatch.setattr(torch.linalg, "eigh", failing(torch.linalg.eigh, lambda matrix: matrix.dtype == torch.float32))
    values, vectors = eigenpairs(MATRIX)
    assert vectors.dtype == MATRIX.dtype
    torch.testing.assert_close(vectors @ values.float().diag() @ vectors.T, MATRIX)


def test_only_then_it_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.linalg, "eigvalsh", failing(torch.linalg.eigvalsh, lambda _: True))
    with pytest.raises(EigenvalueError, match="in float64 on the CPU either"):
        matrix_spectrum(MATRIX)


def test_a_matrix_that_is_not_finite():
    with pytest.raises(EigenvalueError, match="not finite"):
        matrix_spectrum(MATRIX * torch.nan)
