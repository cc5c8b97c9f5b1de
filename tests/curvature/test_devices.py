"""All of it on a (pretend) GPU: other chunks and products than on a CPU, the same results."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.gpu_steps.pretended import MEMORY
from lossbasins.curvature import (
    HessianOperator,
    Objective,
    frobenius_squared,
    hessian_matrix,
    matrix_spectrum,
    spectral_density,
    spectrum,
    top_eigenpairs,
)
from lossbasins.curvature.decomposition import eigenpairs
from lossbasins.curvature.workspace import workspace
from tests.curvature.zoo import built
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


def test_batches_and_weights_come_to_the_model():
    inputs, targets = data()
    loss = nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 0.5]).double())
    batches = [(inputs[:5], targets[:5]), (inputs[5:], targets[5:])]
    expected = hessian_matrix(Objective(network(), inputs, targets, loss, parameters="[36].*"))
    with pretend_gpu(2**40):
        objective = Objective(network().to("cuda"), batches, loss=loss, parameters="[36].*")
        assert all(part.is_cuda for batch in objective.chunks() for part in batch)
        found = hessian_matrix(objective).cpu()
        product = HessianOperator(objective) @ np.ones(objective.size)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(product, expected.sum(1), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("free", "expected"), [(MEMORY, MEMORY // 16), (MEMORY // 4, MEMORY // 16), (400, 200)])
def test_a_chunk_takes_a_share_of_the_memory_that_does_not_depend_on_what_else_runs(free, expected):
    with pretend_gpu(free):
        assert workspace(torch.device("cuda"), 7) == expected
    assert workspace(torch.device("cpu"), 7) == 7


def failing(original, *, on_gpu):
    def decompose(matrix):
        if matrix.is_cuda and on_gpu:
            raise torch.linalg.LinAlgError("cusolver error: CUSOLVER_STATUS_EXECUTION_FAILED")
        return original(matrix)

    return decompose


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_where_the_gpu_does_not_find_eigenvalues_the_cpu_does(dtype, monkeypatch):
    matrix = torch.diag(torch.tensor([3.0, 1.0, 2.0], dtype=dtype)) + 0.1
    expected = torch.linalg.eigvalsh(matrix.double())
    with pretend_gpu():
        moved = matrix.to("cuda")
        for name in ("eigvalsh", "eigh"):
            monkeypatch.setattr(torch.linalg, name, failing(getattr(torch.linalg, name), on_gpu=True))
        found = matrix_spectrum(moved).eigenvalues
        values, vectors = eigenpairs(moved)
        assert values.device == vectors.device == moved.device
        again = (vectors @ values.to(dtype).diag() @ vectors.T).cpu()
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    torch.testing.assert_close(again, matrix)


def test_the_copy_for_the_cpu_is_made_before_the_gpu_may_fail(monkeypatch):
    with pretend_gpu():
        moved = torch.eye(3, dtype=torch.float64, device="cuda")

        def spoiling(matrix):
            if matrix.is_cuda:
                matrix.fill_(torch.nan)  # as a device that can be read no more
                raise RuntimeError("CUDA error: an illegal memory access was encountered")
            return torch.ones(3, dtype=torch.float64)

        monkeypatch.setattr(torch.linalg, "eigvalsh", spoiling)
        assert matrix_spectrum(moved).eigenvalues.tolist() == [1, 1, 1]


@pytest.mark.parametrize("name", ["language model", "group norm", "gate", "GRU"])
def test_any_model_and_every_function(name):
    model, inputs, targets = built(name)
    on_cpu = Objective(model, inputs, targets)
    expected = hessian_matrix(on_cpu)
    largest = torch.linalg.eigvalsh(expected)[-1].item()
    norm = frobenius_squared(on_cpu, probes=20).value
    tolerance = {"rtol": 1e-9, "atol": 1e-12}
    with pretend_gpu():
        objective = Objective(deepcopy(model).to("cuda"), inputs.to("cuda"), targets.to("cuda"))
        torch.testing.assert_close(hessian_matrix(objective).cpu(), expected, **tolerance)
        block = torch.eye(objective.size, 11, dtype=torch.float64, device="cuda")
        torch.testing.assert_close(HessianOperator(objective).product(block).cpu(), expected[:, :11], **tolerance)
        assert top_eigenpairs(objective, 2, method="lanczos").values[0] == pytest.approx(largest)
        assert frobenius_squared(objective, probes=20).value == pytest.approx(norm)
        assert spectral_density(objective, probes=2, steps=5).matvecs == 10


def test_float32_is_float32_there():
    before = torch.backends.cudnn.conv.fp32_precision
    with pretend_gpu():
        model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.PReLU(), nn.Flatten(), nn.Linear(18, 3)).eval()
        inputs, targets = torch.rand(4, 1, 5, 5), torch.arange(4) % 3
        expected = hessian_matrix(Objective(model, inputs, targets))
        moved = Objective(deepcopy(model).to("cuda"), inputs.to("cuda"), targets.to("cuda"))
        found = hessian_matrix(moved, "autodiff").cpu()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    assert torch.backends.cudnn.conv.fp32_precision == before
