"""Every model has the right matrix, products and eigenvalues, whichever route takes it."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossbasins.curvature import (
    DifferentiationError,
    HessianOperator,
    Objective,
    UnsupportedLayerError,
    frobenius_squared,
    ggn_matrix,
    hessian_matrix,
    residual_matrix,
    spectral_density,
    spectrum,
    top_eigenpairs,
)
from tests.curvature.zoo import MODELS, built, images, sequences, tokens, vectors
from tests.oracles import double_backward_rows, gauss_newton_from_jacobian


def state_of(model):
    """All that a call could leave behind."""
    return [
        (
            len(module._forward_hooks),
            len(module._forward_pre_hooks),
            sorted(vars(module)),
            id(vars(module).get("weight")),
        )
        for module in model.modules()
    ]


@pytest.mark.parametrize("name", MODELS)
def test_matrix_products_and_eigenvalues(name):
    model, inputs, targets = built(name)
    objective = Objective(model, inputs, targets)
    expected = double_backward_rows(objective)
    before = state_of(model)
    scale = float(expected.norm())
    tolerance = {"rtol": 0, "atol": 1e-10 * scale}
    torch.testing.assert_close(hessian_matrix(objective), expected, **tolerance)
    memory = 1 if objective.size < 100 else 2**15  # one column at a time, or a few
    torch.testing.assert_close(hessian_matrix(objective, memory=memory), expected, **tolerance)
    for chunk, every in ((None, 1), (2, 9)):
        found = HessianOperator(objective, chunk=chunk) @ np.eye(objective.size)[:, ::every]
        torch.testing.assert_close(torch.from_numpy(found), expected[:, ::every], **tolerance)
    eigenvalues = torch.linalg.eigvalsh(expected).numpy()
    np.testing.assert_allclose(spectrum(objective).eigenvalues, eigenvalues, **tolerance)
    np.testing.assert_allclose(top_eigenpairs(objective, 2).values, eigenvalues[:-3:-1], rtol=0, atol=1e-7 * scale)
    norm = frobenius_squared(objective, probes=2 * objective.size + 4).value
    assert norm == pytest.approx(scale**2, rel=1e-8)
    assert state_of(model) == before


@pytest.mark.parametrize(
    "name", ["LSTM", "encoder layer", "language model", "group norm", "gate", "context of an image"]
)
def test_the_two_parts(name):
    objective = Objective(*built(name))
    gauss_newton = gauss_newton_from_jacobian(objective)
    residual = double_backward_rows(objective) - gauss_newton
    tolerance = {"rtol": 0, "atol": 1e-10 * float(gauss_newton.norm())}
    torch.testing.assert_close(ggn_matrix(objective), gauss_newton, **tolerance)
    torch.testing.assert_close(residual_matrix(objective), residual, **tolerance)


@pytest.mark.parametrize(
    "layers", [(nn.Conv2d(2, 3, 2), nn.ReLU()), (nn.Conv2d(2, 2, 3), nn.Tanh(), nn.Conv2d(2, 2, 2))]
)
def test_mean_squared_error_of_maps(layers):
    torch.manual_seed(0)
    model = nn.Sequential(*layers).double().eval()
    inputs = images()
    objective = Objective(model, inputs, torch.randn_like(model(inputs)), "mse")
    for method in ("structured", "autodiff"):
        torch.testing.assert_close(
            hessian_matrix(objective, method), double_backward_rows(objective), rtol=1e-9, atol=1e-12
        )
    assert top_eigenpairs(objective, 1).converged.all()


def wrapped(model, name):
    return {
        "compiled": torch.compile,
        "parallel": nn.DataParallel,
        "both": lambda m: torch.compile(nn.DataParallel(m)),
    }[name](model)


@pytest.mark.parametrize("name", ["compiled", "parallel", "both"])
@pytest.mark.parametrize("kind", ["gate", "fused attention"])
def test_wrappers_are_taken_off(name, kind):
    model, inputs, targets = built(kind)
    expected = double_backward_rows(Objective(model, inputs, targets))
    objective = Objective(wrapped(model, name), inputs, targets)
    torch.testing.assert_close(hessian_matrix(objective), expected, rtol=0, atol=1e-10 * float(expected.norm()))


@pytest.mark.parametrize("inside", [True, False])
def test_parts_that_are_compiled_run_as_they_are(inside):
    model, inputs, targets = built("gate")
    expected = double_backward_rows(Objective(model, inputs, targets))
    if inside:
        model.a = torch.compile(model.a)
    else:
        model.compile()
    found = hessian_matrix(Objective(model, inputs, targets))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10 * float(expected.norm()))


@pytest.mark.filterwarnings("ignore:.*torch.jit.*")
def test_a_scripted_model_is_one_line():
    model, inputs, targets = built("linear on places")
    for scripted in (torch.jit.script(model), nn.Sequential(torch.jit.script(model))):
        with pytest.raises(TypeError, match=r"is scripted by torch.jit: give the module") as error:
            Objective(scripted, inputs, targets)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("outputs", "kind"),
    [
        (lambda values: (values, None), "tuple"),
        (lambda values: {"logits": values}, "dict"),
        (lambda _: None, "NoneType"),
    ],
)
def test_outputs_that_are_no_tensor_are_one_line(outputs, kind):
    class Wrapped(nn.Linear):
        def forward(self, inputs):
            return outputs(super().forward(inputs))

    with pytest.raises(TypeError, match=f"the model gives a {kind}, no tensor: wrap it"):
        Objective(Wrapped(4, 3).double().eval(), vectors(), torch.zeros(5, dtype=torch.int64))


@pytest.mark.parametrize("convert", [lambda x: x.numpy(), lambda x: x.tolist(), lambda x: x.numpy().astype(np.float32)])
def test_arrays_and_lists_are_converted(convert):
    model, inputs, targets = built("gate")
    inputs = inputs.float().double()
    expected = double_backward_rows(Objective(model, inputs, targets))
    found = Objective(model, convert(inputs), targets.tolist())
    torch.testing.assert_close(hessian_matrix(found), expected, rtol=1e-9, atol=1e-12)
    small = Objective(model, convert(inputs), targets.numpy().astype(np.uint8))
    torch.testing.assert_close(hessian_matrix(small), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("inputs", [["a", "b"], [[1.0], [1.0, 2.0]], [torch.ones(2), torch.ones(3)], object()])
def test_what_is_no_array_is_one_line(inputs):
    with pytest.raises(TypeError, match="inputs") as error:
        Objective(nn.Linear(2, 3).double().eval(), inputs, [0, 1])
    assert "\n" not in str(error.value)


def test_integers_for_a_model_of_floats_are_one_line():
    with pytest.raises(TypeError, match=r"fails on inputs of torch.int64 .*: convert them") as error:
        Objective(nn.Linear(4, 3).double().eval(), np.ones((2, 4), dtype=np.int32), [0, 1])
    assert "\n" not in str(error.value)


ROUTES = ["auto", "lanczos", "factors", "matrix"]


class Dead(nn.Module):
    """Its outputs do not depend on its parameters, in one of three ways."""

    def __init__(self, kind):
        super().__init__()
        self.layer = nn.Linear(4, 3)
        self.kind = kind

    def forward(self, inputs):
        if self.kind == "unused":
            return inputs[:, :3]
        outputs = self.layer(inputs)
        return outputs.detach() if self.kind == "detached" else F.relu(outputs - 100)


@pytest.mark.parametrize("kind", ["unused", "detached", "below zero"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_zero_hessian(kind, dtype):
    objective = Objective(Dead(kind).to(dtype).eval(), vectors().to(dtype), [0, 1, 2, 0, 1])
    assert not hessian_matrix(objective).any()
    assert not spectrum(objective).eigenvalues.any()
    for method in ("auto", "lanczos", "matrix"):
        found = top_eigenpairs(objective, 3, method=method)
        assert not found.values.any()
        assert found.converged.all()
    norm = frobenius_squared(objective)
    assert (norm.value, norm.standard_error, norm.interval()) == (0, 0, (0, 0))
    assert frobenius_squared(objective, "finite_difference", probes=4).value == 0
    density = spectral_density(objective, probes=2, steps=5)
    assert density.moment(2) == (0, 0)
    with pytest.raises(ValueError, match="width"):
        density.evaluate([0.0])


def test_one_parameter():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Tanh()).double().eval()
    objective = Objective(model, vectors(1), torch.randn(5, 1).double(), "mse")
    expected = double_backward_rows(objective).item()
    assert hessian_matrix(objective).item() == pytest.approx(expected)
    for method in ROUTES:
        assert top_eigenpairs(objective, 1, method=method).values == pytest.approx([expected])
    assert frobenius_squared(objective).value == pytest.approx(expected**2)
    assert spectral_density(objective, probes=2, steps=5).moment(1)[0] == pytest.approx(expected)


@pytest.mark.parametrize("method", ROUTES)
@pytest.mark.parametrize("which", ["largest_algebraic", "largest_magnitude"])
def test_all_eigenpairs(method, which):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 3)).double().eval()
    objective = Objective(model, vectors(), [0, 1, 2, 0, 1])
    found = top_eigenpairs(objective, objective.size, method=method, which=which)
    np.testing.assert_allclose(np.sort(found.values), spectrum(objective).eigenvalues, atol=1e-9)
    assert found.converged.all()


@pytest.mark.parametrize("margin", [5.0, 20.0, 80.0, 300.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("method", ["auto", "autodiff"])
def test_labels_that_are_missed_by_a_wide_margin(margin, dtype, method):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)).double().eval()
    inputs = torch.randn(30, 4).double()
    with torch.no_grad():
        outputs = model(inputs)
        model[2].weight.mul_(margin / float(outputs.std()))
        targets = model(inputs).argmin(1)
    exact = hessian_matrix(Objective(model, inputs, targets))
    torch.testing.assert_close(exact, double_backward_rows(Objective(model, inputs, targets)), rtol=1e-8, atol=1e-12)
    found = hessian_matrix(Objective(model, inputs, targets).to(dtype), method)
    rounding = 1e-4 if dtype == torch.float32 else 1e-11
    assert float((found.double() - exact).norm() / exact.norm()) < rounding


@pytest.mark.parametrize("factor", [60, 300, 1000])
@pytest.mark.parametrize("method", ["structured", "autodiff"])
def test_one_layer_whose_labels_are_all_missed_keeps_its_digits(method, factor):
    torch.manual_seed(0)
    model = nn.Linear(4, 3, bias=False).double().eval()
    inputs = torch.randn(20, 4).double()
    targets = model(inputs).argmin(1)
    with torch.no_grad():
        model.weight.mul_(factor)
    objective = Objective(model, inputs, targets)
    probabilities = model(inputs).softmax(1).detach()
    spread = torch.diag_embed(probabilities) - probabilities[:, :, None] * probabilities[:, None]
    off_diagonal = 1 - torch.eye(3).double()
    spread = spread * off_diagonal - torch.diag_embed((spread * off_diagonal).sum(2))  # 1 - p would cancel
    exact = torch.einsum("na,nij,nb->iajb", inputs, spread, inputs).reshape(12, 12) / len(inputs)
    for dtype, rounding in ((torch.float64, 1e-12), (torch.float32, 3e-5)):
        found = hessian_matrix(objective.to(dtype), method)
        assert float((found.double() - exact).norm() / exact.norm()) < rounding


def test_float32_near_interpolation_is_the_same_for_every_seed():
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(400, 300, generator=generator) * torch.linspace(1, 0.8, 300) * 1e-4
    objective = Objective(nn.Linear(300, 1, bias=False).eval(), inputs, torch.zeros(400, 1), "mse")
    exact = np.linalg.eigvalsh((2 * inputs.double().T @ inputs.double() / 400).numpy())[:-4:-1]
    for seed in range(3):
        found = top_eigenpairs(objective, 3, method="lanczos", seed=seed)
        np.testing.assert_allclose(found.values, exact, rtol=1e-5)
        assert found.converged.all()


def test_a_derivative_that_torch_lacks_is_one_line():
    model = nn.Sequential(nn.EmbeddingBag(6, 3), nn.Linear(3, 3)).double().eval()
    with pytest.raises(DifferentiationError, match="_embedding_bag_backward") as error:
        hessian_matrix(Objective(model, tokens(), [0, 1, 2, 0, 1]))
    assert "\n" not in str(error.value)


def test_the_structured_route_refuses_what_it_cannot_read():
    for name in ("LSTM", "branch on data", "hook"):
        with pytest.raises(UnsupportedLayerError) as error:
            hessian_matrix(Objective(*built(name)), "structured")
        assert "\n" not in str(error.value)


def test_sequences_first_are_mixed_samples():
    torch.manual_seed(0)
    model = nn.Sequential(nn.TransformerEncoderLayer(4, 2, 6), nn.Flatten(), nn.Linear(12, 3)).double().eval()
    with pytest.raises(ValueError, match="independent=False"):
        Objective(model, sequences(), [0, 1, 2, 0, 1])
