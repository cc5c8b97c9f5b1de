"""Every loss against torch's own value, and its derivatives against automatic differentiation of that."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossbasins.curvature import (
    DifferentiationError,
    HessianOperator,
    Objective,
    frobenius_squared,
    ggn_matrix,
    hessian_matrix,
    residual_matrix,
    spectral_density,
    spectrum,
    top_eigenpairs,
)
from lossbasins.curvature.losses import LOSSES, chosen_loss
from lossbasins.curvature.reading import read_network
from tests.oracles import double_backward

SAMPLES, CLASSES = 6, 4


def weights(*size):
    return 0.2 + torch.rand(*size, generator=torch.Generator().manual_seed(1))


def classes(ignored=None):
    targets = torch.randint(0, CLASSES, (SAMPLES,), generator=torch.Generator().manual_seed(0))
    if ignored is not None:
        targets[1] = targets[4] = ignored
    return targets


def values():
    return torch.randn(SAMPLES, CLASSES, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def bits():
    return (values() > 0).double()


TORCH = {
    "cross_entropy": (F.cross_entropy, classes()),
    "mse": (F.mse_loss, values()),
    "binary_cross_entropy": (F.binary_cross_entropy_with_logits, bits()),
    "module of cross-entropy": (nn.CrossEntropyLoss(), classes()),
    "class weights": (nn.CrossEntropyLoss(weights(CLASSES).double()), classes()),
    "a class without weight": (nn.CrossEntropyLoss(torch.tensor([0.0, 1, 2, 1]).double()), classes()),
    "label smoothing": (nn.CrossEntropyLoss(label_smoothing=0.1), classes()),
    "ignored targets": (nn.CrossEntropyLoss(), classes(-100)),
    "another ignored target": (nn.CrossEntropyLoss(ignore_index=2), classes(2)),
    "all of these": (nn.CrossEntropyLoss(weights(CLASSES).double(), label_smoothing=0.2, ignore_index=9), classes(9)),
    "module of squares": (nn.MSELoss(), values()),
    "module of bits": (nn.BCEWithLogitsLoss(), bits()),
    "probabilities as bits": (nn.BCEWithLogitsLoss(), values().sigmoid()),
    "weighted bits": (nn.BCEWithLogitsLoss(weights(CLASSES).double(), pos_weight=weights(CLASSES).double()), bits()),
    "positive bits": (nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0).double()), bits()),
}
"""By what is given as the loss or else shown: torch's own loss, and targets."""

OWN = {
    "smooth L1": (nn.SmoothL1Loss(beta=0.3), values()),
    "Huber": (nn.HuberLoss(), values()),
    "Poisson": (nn.PoissonNLLLoss(), bits()),
    "Kullback-Leibler": (lambda z, t: F.kl_div(z.log_softmax(1), t, reduction="batchmean"), values().softmax(1)),
    "focal": (lambda z, t: (-((1 - (p := z.softmax(1).gather(1, t[:, None]))) ** 2) * p.log()).mean(), classes()),
    "not convex": (lambda z, t: torch.sin(z * t).sum(1).mean(), values()),
    "linear": (lambda z, t: (z * t).sum(1).mean(), values()),
    "by samples": (
        lambda z, t: torch.stack([(a - b).pow(4).sum() for a, b in zip(z, t, strict=True)]).mean(),
        values(),
    ),
    "writes to what it gets": (lambda z, t: z.sub_(t.mul_(2)).pow(4).mean(), values()),
}


def given(name):
    loss, targets = {**TORCH, **OWN}[name]
    return name if name in LOSSES else loss, loss, targets.clone()


@pytest.mark.parametrize("name", TORCH)
@pytest.mark.parametrize("spread", [0.0, 1.0, 30.0, 3000.0])
def test_derivatives_are_those_of_torch(name, spread):
    meant, function, targets = given(name)
    outputs = spread * torch.randn(SAMPLES, CLASSES, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rule = chosen_loss(meant).settled([targets[:2], targets[2:]])
    rule.check(outputs, targets)
    gradient = torch.autograd.functional.jacobian(lambda z: function(z, targets), outputs)
    hessian = torch.autograd.functional.hessian(lambda z: function(z, targets), outputs)
    close = {"rtol": 1e-12, "atol": 1e-14}
    torch.testing.assert_close(rule.total(outputs, targets, SAMPLES), function(outputs, targets), **close)
    parts = sum(rule.total(outputs[part], targets[part], SAMPLES) for part in (slice(0, 2), slice(2, None)))
    torch.testing.assert_close(parts, function(outputs, targets), **close)
    torch.testing.assert_close(rule.gradient(outputs, targets, SAMPLES), gradient, **close)
    root = rule.hessian_root(outputs, targets, SAMPLES)
    blocks = torch.stack([hessian[i, :, i] for i in range(SAMPLES)])
    torch.testing.assert_close(torch.einsum("knc,knd->ncd", root, root), blocks, **close)
    changes = torch.randn(3, SAMPLES, CLASSES, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    product = torch.einsum("ncd,qnd->qnc", blocks, changes)
    torch.testing.assert_close(rule.hessian_product(outputs, targets, SAMPLES, changes), product, **close)
    again = torch.autograd.functional.hessian(lambda z: rule.total(z, targets, SAMPLES), outputs)
    torch.testing.assert_close(again, hessian, **close)


CONFIDENT = {
    "cross_entropy": torch.tensor([0]),
    "class weights": torch.tensor([0]),
    "binary_cross_entropy": torch.tensor([[1.0, 0.0, 0.0, 0.0]]),
    "positive bits": torch.tensor([[1.0, 0.0, 0.0, 0.0]]),
}


@pytest.mark.parametrize("name", CONFIDENT)
def test_confident_predictions_keep_their_digits_in_float32(name):
    outputs = torch.tensor([[20.0, -18.0, -25.0, -30.0]], dtype=torch.float64)
    targets = CONFIDENT[name]
    rule = chosen_loss(given(name)[0])
    for what in ("total", "gradient", "hessian_root"):
        single, double = (
            getattr(rule, what)(z, targets.to(z) if targets.is_floating_point() else targets, 1)
            for z in (outputs.float(), outputs)
        )
        torch.testing.assert_close(single.double(), double, rtol=1e-5, atol=0)
        assert double.abs().max() > 0
    (again,) = torch.autograd.functional.hessian(
        lambda z: rule.total(z, targets.to(z) if targets.is_floating_point() else targets, 1), outputs
    )
    root = rule.hessian_root(outputs, targets.to(outputs) if targets.is_floating_point() else targets, 1)
    torch.testing.assert_close(again[:, 0], torch.einsum("knc,knd->cd", root, root), rtol=1e-9, atol=1e-30)


def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, CLASSES)).double().eval()


def inputs():
    return torch.randn(SAMPLES, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("name", [*TORCH, *OWN])
def test_the_hessian_of_a_model_under_each_loss(name):
    meant, function, targets = given(name)
    net = model()
    objective = Objective(net, inputs(), targets.clone(), meant)
    loss = function(net(inputs()), targets.clone())
    assert objective.value == pytest.approx(loss.item(), rel=1e-12)
    expected = double_backward(loss, list(net.parameters()))
    close = {"rtol": 0, "atol": 1e-11 * float(expected.norm()) + 1e-15}
    for method in ("auto", "structured", "autodiff"):
        torch.testing.assert_close(hessian_matrix(objective, method), expected, **close)
        parts = ggn_matrix(objective, method) + residual_matrix(objective, method)
        torch.testing.assert_close(parts, expected, **close)
    torch.testing.assert_close(hessian_matrix(objective, memory=1), expected, **close)
    for chunk in (None, 4):
        found = HessianOperator(objective, chunk=chunk) @ np.eye(objective.size)
        torch.testing.assert_close(torch.from_numpy(found), expected, **close)
    top = torch.linalg.eigvalsh(expected)[-1].item()
    assert top_eigenpairs(objective, 1).values[0] == pytest.approx(top, abs=1e-8 * float(expected.norm()) + 1e-14)
    assert torch.equal(objective.targets, targets)
    again = objective.to(torch.float32).to(torch.float64)
    assert again.value == pytest.approx(objective.value, rel=1e-4)


@pytest.mark.parametrize("name", TORCH)
def test_the_losses_of_torch_take_the_quickest_route(name):
    meant, _, targets = given(name)
    read_network(Objective(model(), inputs(), targets, meant))


def test_the_gauss_newton_matrix_of_ones_own_loss():
    function, targets = OWN["not convex"]
    net = model()
    outputs = net(inputs())
    jacobian = torch.stack(
        [
            torch.cat([g.reshape(-1) for g in torch.autograd.grad(entry, net.parameters(), retain_graph=True)])
            for entry in outputs.reshape(-1)
        ]
    )
    inner = torch.autograd.functional.hessian(
        lambda z: function(z.reshape(outputs.shape), targets), outputs.detach().reshape(-1)
    )
    for method in ("auto", "autodiff"):
        found = ggn_matrix(Objective(net, inputs(), targets, function), method)
        torch.testing.assert_close(found, jacobian.T @ inner @ jacobian, rtol=1e-10, atol=1e-13)


def test_a_loss_without_a_second_derivative_is_one_line():
    with pytest.raises(DifferentiationError, match="multi_margin_loss_backward") as error:
        hessian_matrix(Objective(model(), inputs(), classes(), nn.MultiMarginLoss()))
    assert "\n" not in str(error.value)


class NoisyLoss:
    """Draws its noise from a generator of its own."""

    def __init__(self):
        self.generator = torch.Generator().manual_seed(0)

    def __call__(self, outputs, targets):
        noise = torch.rand(outputs.shape, generator=self.generator, dtype=outputs.dtype)
        return (outputs - targets + noise).square().mean()


def hinge(outputs, targets):
    return outputs.sum() + targets.sum()


@pytest.mark.parametrize(
    ("loss", "targets", "error", "message"),
    [
        ("hinge", values(), ValueError, "choose one of 'cross_entropy', 'mse', 'binary_cross_entropy', or give"),
        (3, values(), TypeError, "loss is a int: a name, a module, or a function"),
        (nn.MSELoss, values(), TypeError, "the class MSELoss, give an instance"),
        (nn.MSELoss(reduction="sum"), values(), ValueError, "MSELoss with reduction='sum': give the mean"),
        (nn.CrossEntropyLoss(reduction="none"), classes(), ValueError, "reduction='none': give the mean"),
        (nn.HuberLoss(reduction="sum"), values(), ValueError, "HuberLoss with reduction='sum'"),
        (hinge, values(), ValueError, "the loss hinge is no mean over samples: "),
        (lambda z, t: (z - t).square().mean().sqrt(), values(), ValueError, "is no mean over samples"),
        (lambda z, t: (z - t).abs().max(), values(), ValueError, "is no mean over samples"),
        (lambda z, t: ((z - z.mean(0)) * t).mean(), values(), ValueError, "is no mean over samples"),
        (nn.NLLLoss(torch.tensor([1.0, 5, 2, 1]).double()), classes(), ValueError, "NLLLoss is no mean over samples"),
        (NoisyLoss(), values(), ValueError, "NoisyLoss gives another value when it is called again"),
        (lambda z, t: F.mse_loss(F.dropout(z, 1e-3), t), values(), ValueError, "draws random numbers|another value"),
        (lambda z, t: (z - t).square(), values(), TypeError, r"gives shape \(6, 4\), no scalar"),
        (lambda z, t: (z - t).square().mean().item(), values(), TypeError, "gives float, no scalar tensor"),
        (lambda z, t: (z.detach() - t).square().mean(), values(), TypeError, "no differentiable function"),
        (lambda z, t: (z / 0 * t).mean(), values(), ValueError, "the loss is (nan|inf|-inf)"),
        (lambda z, t: (z - t[:, :2]).mean(), values(), ValueError, r"fails on 6 samples, outputs of shape \(6, 4\)"),
        (lambda z, t: (z.reshape(6, 4) - t).square().mean(), values(), ValueError, "fails on 3 samples"),
        (lambda z: z.mean(), values(), ValueError, "fails on 6 samples.*TypeError"),
        (nn.CrossEntropyLoss(torch.ones(3)), classes(), ValueError, "has 3 weights, the model 4 outputs"),
        (nn.CrossEntropyLoss(-torch.ones(4)), classes(), ValueError, "none negative"),
        (nn.CrossEntropyLoss(), torch.full((6,), -100), ValueError, "no target of CrossEntropyLoss counts"),
        (nn.CrossEntropyLoss(), classes() + 2, ValueError, "the model has 4 outputs"),
        (nn.CrossEntropyLoss(weights(4)), classes() + 2, ValueError, "the model has 4 outputs"),
        (nn.CrossEntropyLoss(weights(4)), values().softmax(1), TypeError, "int64 class indices"),
        (nn.MSELoss(), values()[:, :1], TypeError, "mse needs targets like"),
        (nn.BCEWithLogitsLoss(), classes(), TypeError, "binary_cross_entropy needs targets like"),
        (nn.BCEWithLogitsLoss(), 2 * bits(), ValueError, "targets run from 0 to 2, but .* probabilities"),
        (
            nn.BCEWithLogitsLoss(torch.ones(6, 1)),
            bits(),
            ValueError,
            r"weight of .* \(6, 1\), a sample's outputs \(4,\)",
        ),
        (
            nn.BCEWithLogitsLoss(pos_weight=torch.ones(3)),
            bits(),
            ValueError,
            "pos_weight of BCEWithLogitsLoss has shape",
        ),
        (nn.BCEWithLogitsLoss(pos_weight=-torch.ones(4)), bits(), ValueError, "must not be negative"),
    ],
)
def test_what_is_no_loss_is_one_line(loss, targets, error, message):
    with pytest.raises(error, match=message) as caught:
        Objective(model(), inputs(), targets, loss)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("function", [F.cross_entropy, F.mse_loss, F.binary_cross_entropy_with_logits])
def test_functions_of_torch_are_known(function):
    targets = {"cross_entropy": classes()}.get(function.__name__, bits())
    read_network(Objective(model(), inputs(), targets, function))


def test_a_subclass_of_a_known_loss_is_ones_own():
    class Doubled(nn.MSELoss):
        def forward(self, outputs, targets):
            return 2 * super().forward(outputs, targets)

    net = model()
    objective = Objective(net, inputs(), values(), Doubled())
    expected = double_backward(2 * F.mse_loss(net(inputs()), values()), list(net.parameters()))
    torch.testing.assert_close(hessian_matrix(objective), expected, rtol=1e-10, atol=1e-13)


DECAYED = ["cross_entropy", "mse", "binary_cross_entropy", "class weights", "focal"]


@pytest.mark.parametrize("name", DECAYED)
@pytest.mark.parametrize("chosen", [None, "2.*", ["0.bias", "2.weight"]])
def test_weight_decay(name, chosen):
    meant, function, targets = given(name)
    net = model()
    objective = Objective(net, inputs(), targets, meant, parameters=chosen, weight_decay=0.3)
    parameters = [net.get_parameter(name) for name in objective.names]
    plain = function(net(inputs()), targets)
    loss = plain + 0.15 * sum(parameter.square().sum() for parameter in parameters)
    assert objective.value == pytest.approx(loss.item(), rel=1e-12)
    expected = double_backward(loss, parameters)
    close = {"rtol": 0, "atol": 1e-11 * float(expected.norm())}
    without = Objective(net, inputs(), targets, meant, parameters=chosen)
    for method in ("auto", "structured", "autodiff"):
        torch.testing.assert_close(hessian_matrix(objective, method), expected, **close)
        torch.testing.assert_close(residual_matrix(objective, method), residual_matrix(without), **close)
        decay = ggn_matrix(objective, method) - ggn_matrix(without)
        torch.testing.assert_close(decay, 0.3 * torch.eye(objective.size).double(), **close)
    for chunk in (None, 4):
        operator = HessianOperator(objective, chunk=chunk)
        torch.testing.assert_close(torch.from_numpy(operator @ np.eye(objective.size)), expected, **close)
        gradient = torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, parameters, retain_graph=True)])
        torch.testing.assert_close(operator.gradient(), gradient, rtol=1e-11, atol=1e-13)
    for method in ("auto", "matrix", "lanczos"):
        found = top_eigenpairs(objective, 3, method=method).values
        np.testing.assert_allclose(found, torch.linalg.eigvalsh(expected).flip(0)[:3], rtol=1e-7)


def test_weight_decay_in_estimates():
    net = model()
    objective = Objective(net, inputs(), values(), "mse", weight_decay=0.3)
    expected = double_backward(
        F.mse_loss(net(inputs()), values()) + 0.15 * sum(p.square().sum() for p in net.parameters()),
        list(net.parameters()),
    )
    exact = float(expected.square().sum())
    assert frobenius_squared(objective, probes=2 * objective.size + 4).value == pytest.approx(exact, rel=1e-9)
    estimate = frobenius_squared(objective, "finite_difference", probes=300)
    assert abs(estimate.value - exact) < 5 * estimate.standard_error
    np.testing.assert_allclose(spectrum(objective).eigenvalues, torch.linalg.eigvalsh(expected), rtol=1e-9)
    trace, error = spectral_density(objective, probes=20, steps=44).moment(1)
    assert abs(trace - float(expected.trace())) < 5 * error
    single = objective.to(torch.float32)
    assert single.weight_decay == 0.3


@pytest.mark.parametrize("decay", [-1.0, float("nan"), float("inf")])
def test_a_decay_that_is_none_is_one_line(decay):
    with pytest.raises(ValueError, match=r"weight_decay=.*zero or positive"):
        Objective(model(), inputs(), values(), "mse", weight_decay=decay)


def test_a_loss_module_is_left_alone():
    loss = nn.CrossEntropyLoss(weights(CLASSES).double(), label_smoothing=0.1)
    before = copy.deepcopy(loss.state_dict())
    hessian_matrix(Objective(model(), inputs(), classes(), loss))
    assert all(torch.equal(before[name], value) for name, value in loss.state_dict().items())
