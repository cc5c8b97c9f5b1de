"""The structured route on a (pretend) GPU: other chunks and products than on a CPU, the same matrix."""

import pytest
import torch
from torch import nn

from lossbasins.curvature import Objective, hessian_matrix, spectrum, structured
from tests.pretend import pretend_gpu


def data():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(9, 1, 9, 9, generator=generator, dtype=torch.float64), torch.arange(9) % 3


def network():
    torch.manual_seed(1)
    layers = (nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 3, 2), nn.Tanh(), nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(12, 3)).double().eval()


@pytest.mark.parametrize("free", [2**40, 2**14])
def test_the_matrix_is_that_of_the_cpu_in_large_chunks_and_small(free):
    inputs, targets = data()
    expected = hessian_matrix(Objective(network(), inputs, targets), method="structured")
    with pretend_gpu(free):
        objective = Objective(network().to("cuda"), inputs.to("cuda"), targets.to("cuda"))
        found = hessian_matrix(objective, method="structured").cpu()
        values = spectrum(objective).eigenvalues
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)
    assert abs(values - torch.linalg.eigvalsh(expected).numpy()).max() < 1e-12


def test_a_chunk_takes_a_share_of_the_memory_that_is_free():
    with pretend_gpu(400):
        assert structured._workspace(torch.device("cuda"), 7) == 100
    assert structured._workspace(torch.device("cpu"), 7) == 7
