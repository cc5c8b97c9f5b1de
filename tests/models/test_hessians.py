import pytest
import torch

from lossbasins.curvature import Objective, hessian_matrix
from lossbasins.models.registry import build_model
from lossbasins.specs.entries import ModelSpec
from tests.oracles import double_backward_rows


@pytest.mark.parametrize(("architecture", "size"), [("lenet", 16), ("snin", 6)])
def test_the_structured_route_knows_every_layer(architecture, size):
    torch.manual_seed(0)
    spec = ModelSpec(architecture=architecture, options={"widths": [2, 3, 3]})
    model = build_model(spec, (1, size, size), 3).double().eval()
    inputs = torch.randn(5, 1, size, size, dtype=torch.float64)
    objective = Objective(model, inputs, torch.arange(5) % 3, loss="cross_entropy")
    found = hessian_matrix(objective, method="structured")
    torch.testing.assert_close(torch.as_tensor(found), double_backward_rows(objective), rtol=1e-9, atol=1e-11)
