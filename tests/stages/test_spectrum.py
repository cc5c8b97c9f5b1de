import numpy as np
import pandas as pd
import pytest
import torch

from lossbasins.data.tensors import train_part
from lossbasins.specs.spectrum import Inputs, Outputs, Spec
from lossbasins.stages import spectrum
from lossbasins.stages.arrays import read_split
from lossbasins.stages.solutions import read_solutions
from lossbasins.stages.spectra import read_spectra
from tests.stages.conftest import MODEL, context


def measured(trained, split_path, folder, statuses):
    pd.DataFrame({"replica": range(len(statuses)), "status": statuses}).to_csv(folder / "evaluation.csv")
    inputs = Inputs(split=split_path, solutions=trained / "solutions.safetensors", evaluation=folder / "evaluation.csv")
    outputs = Outputs(spectrum=folder / "spectrum.npz")
    spectrum.run(Spec(model=MODEL, precision="float64"), inputs, outputs, context())
    return read_spectra(outputs.spectrum)


def test_eigenvalues_are_those_of_torch_s_hessian(trained, split_path, tmp_path):
    found = measured(trained, split_path, tmp_path, ["ok", "not_fitted"])
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


@pytest.mark.parametrize("statuses", [["not_fitted", "diverged"]])
def test_a_run_without_a_fitted_replica_has_an_empty_file(trained, split_path, tmp_path, statuses):
    found = measured(trained, split_path, tmp_path, statuses)
    assert found["replica"].shape == (0,)
    assert found["eigenvalues"].shape == (0, 6 * 64 + 6 + 60 + 10)
