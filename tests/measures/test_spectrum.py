import numpy as np
import torch

from lossbasins.data.tensors import train_part
from lossbasins.stages.arrays import read_split
from lossbasins.stages.solutions import read_solutions
from tests.measures.measuring import arrays_of, inputs_of, seeded
from tests.stages.conftest import MODEL


def test_eigenvalues_are_those_of_torch_s_hessian(trained, split_path, tmp_path):
    found = arrays_of(inputs_of(trained, split_path, tmp_path, ["ok", "not_fitted"]), seeded("spectrum"))
    assert list(found["replica"]) == [0]
    split = read_split(split_path)
    model = read_solutions(trained / "solutions.safetensors", MODEL, split).model(0, torch.float64, "cpu")
    part = train_part(split, torch.float64, "cpu")
    names = [name for name, _ in model.named_parameters()]
    shapes = [values.shape for values in model.parameters()]

    def loss(vector):
        pieces = vector.split([shape.numel() for shape in shapes])
        parameters = {name: piece.reshape(shape) for name, piece, shape in zip(names, pieces, shapes, strict=True)}
        return torch.nn.functional.cross_entropy(
            torch.func.functional_call(model, parameters, part.inputs), part.labels
        )

    vector = torch.cat([values.detach().flatten() for values in model.parameters()])
    expected = torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, vector)).numpy()
    np.testing.assert_allclose(found["eigenvalues"][0], expected, rtol=1e-9, atol=1e-12 * expected.max())
