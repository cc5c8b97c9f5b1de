import pytest
import torch
from torch.nn import functional

from lossbasins.curvature.losses import LOSSES


def outputs_and_targets(loss, spread):
    generator = torch.Generator().manual_seed(0)
    outputs = spread * torch.randn(6, 4, generator=generator, dtype=torch.float64)
    if loss == "cross_entropy":
        return outputs, torch.randint(0, 4, (6,), generator=generator)
    return outputs, torch.randn(6, 4, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("spread", [0.0, 1.0, 30.0, 3000.0])
def test_derivatives_are_those_of_torch(loss, spread):
    outputs, targets = outputs_and_targets(loss, spread)
    function = functional.cross_entropy if loss == "cross_entropy" else functional.mse_loss
    rule = LOSSES[loss]
    gradient = torch.autograd.functional.jacobian(lambda z: function(z, targets), outputs)
    hessian = torch.autograd.functional.hessian(lambda z: function(z, targets), outputs)
    root = rule.hessian_root(outputs, targets, 6)
    torch.testing.assert_close(rule.total(outputs, targets, 6), function(outputs, targets), rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(rule.gradient(outputs, targets, 6), gradient, rtol=1e-12, atol=1e-14)
    square = torch.einsum("knc,knd->ncd", root, root)
    torch.testing.assert_close(square, torch.stack([hessian[i, :, i] for i in range(6)]), rtol=1e-12, atol=1e-14)
    again = torch.autograd.functional.hessian(lambda z: rule.total(z, targets, 6), outputs)
    torch.testing.assert_close(again, hessian, rtol=1e-12, atol=1e-14)


def test_confident_predictions_keep_their_digits_in_float32():
    outputs = torch.tensor([[20.0, 0.0, 1.0, -2.0]], dtype=torch.float64)
    targets = torch.tensor([0])
    rule = LOSSES["cross_entropy"]
    for name in ("total", "gradient", "hessian_root"):
        single, double = (getattr(rule, name)(z, targets, 1) for z in (outputs.float(), outputs))
        torch.testing.assert_close(single.double(), double, rtol=1e-6, atol=0)
