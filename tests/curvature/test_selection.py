"""The Hessian of some parameters, against double backward in these alone."""

from contextlib import suppress

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from lossbasins.curvature import (
    HessianOperator,
    Objective,
    UnsupportedLayerError,
    frobenius_squared,
    ggn_matrix,
    hessian_matrix,
    residual_matrix,
    spectrum,
    top_eigenpairs,
)
from lossbasins.curvature.hessian import factored_hessian
from lossbasins.curvature.reading import read_network
from tests.curvature.nets import random_modern_objective, random_objective
from tests.curvature.zoo import MODELS, Does, built, images, tokens, vectors
from tests.oracles import double_backward

TARGETS = torch.tensor([0, 1, 2, 0, 1])


def oracle(model, inputs, targets, names, loss=F.cross_entropy):
    parameters = dict(model.named_parameters())
    with sdpa_kernel(SDPBackend.MATH):
        outputs = model(inputs.clone())
    return double_backward(loss(outputs, targets), [parameters[name] for name in names])


def convolutional():
    torch.manual_seed(0)
    return (
        nn.Sequential(
            nn.Conv2d(2, 3, 2),
            nn.BatchNorm2d(3),
            nn.Tanh(),
            nn.Conv2d(3, 4, 2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(4, 3),
        )
        .double()
        .eval()
    )


def all_that_is_computed(objective, expected):
    scale = float(expected.norm())
    tolerance = {"rtol": 0, "atol": 1e-11 * scale}
    torch.testing.assert_close(hessian_matrix(objective), expected, **tolerance)
    torch.testing.assert_close(hessian_matrix(objective, "autodiff"), expected, **tolerance)
    torch.testing.assert_close(ggn_matrix(objective) + residual_matrix(objective), expected, **tolerance)
    torch.testing.assert_close(hessian_matrix(objective, memory=1), expected, **tolerance)
    product = HessianOperator(objective, chunk=2) @ np.eye(objective.size)
    torch.testing.assert_close(torch.from_numpy(product), expected, **tolerance)
    eigenvalues = torch.linalg.eigvalsh(expected).numpy()
    np.testing.assert_allclose(spectrum(objective).eigenvalues, eigenvalues, rtol=0, atol=1e-10 * scale)
    assert top_eigenpairs(objective, 1).values[0] == pytest.approx(eigenvalues[-1], abs=1e-8 * scale)
    assert frobenius_squared(objective, probes=2 * objective.size + 4).value == pytest.approx(scale**2, rel=1e-8)


CHOICES = {
    "the first layer": (["0.weight", "0.bias"], ["0.weight", "0.bias"]),
    "the last layer": (["7.*"], ["7.weight", "7.bias"]),
    "in another order": (["7.bias", "0.weight"], ["0.weight", "7.bias"]),
    "a pattern": (["[03].*"], ["0.weight", "0.bias", "3.weight", "3.bias"]),
    "patterns that overlap": (["*.weight", "3.*"], ["0.weight", "1.weight", "3.weight", "3.bias", "7.weight"]),
    "one bias": (["3.bias"], ["3.bias"]),
    "all biases": ("*.bias", ["0.bias", "1.bias", "3.bias", "7.bias"]),
    "a normalising layer": ("1.*", ["1.weight", "1.bias"]),
    "one string": ("3.weight", ["3.weight"]),
}


@pytest.mark.parametrize("name", CHOICES)
def test_names_and_patterns(name):
    wanted, names = CHOICES[name]
    model, inputs = convolutional(), images(size=4)
    objective = Objective(model, inputs, TARGETS, parameters=wanted)
    assert objective.names == names
    assert objective.parameters.numel() == objective.size
    all_that_is_computed(objective, oracle(model, inputs, TARGETS, names))
    read_network(objective)  # which the quickest route needs


def test_parameters_themselves():
    model, inputs = convolutional(), images(size=4)
    for wanted in (model[3].parameters(), [model[3].bias, model[3].weight], ["3.weight", model[3].bias]):
        objective = Objective(model, inputs, TARGETS, parameters=wanted)
        assert objective.names == ["3.weight", "3.bias"]
    objective = Objective(model, inputs, TARGETS, parameters=model[3].bias)
    all_that_is_computed(objective, oracle(model, inputs, TARGETS, ["3.bias"]))


@pytest.mark.parametrize("method", ["structured", "autodiff"])
def test_a_selection_is_a_block_of_the_whole(method):
    model, inputs = convolutional(), images(size=4)
    whole = hessian_matrix(Objective(model, inputs, TARGETS), method)
    some = Objective(model, inputs, TARGETS, parameters="3.*")
    start = model[0].weight.numel() + 3 + 6
    block = slice(start, start + some.size)
    torch.testing.assert_close(hessian_matrix(some, method), whole[block, block], rtol=1e-11, atol=1e-14)


def test_frozen_parameters_are_held_fixed():
    model, inputs = convolutional(), images(size=4)
    model[0].requires_grad_(False)
    model[3].bias.requires_grad_(False)
    objective = Objective(model, inputs, TARGETS)
    assert objective.names == ["1.weight", "1.bias", "3.weight", "7.weight", "7.bias"]
    expected = oracle(model, inputs, TARGETS, objective.names)
    all_that_is_computed(objective, expected)
    assert not model[0].weight.requires_grad
    asked = Objective(model, inputs, TARGETS, parameters="0.*")
    model[0].requires_grad_(True)
    all_that_is_computed(asked, oracle(model, inputs, TARGETS, ["0.weight", "0.bias"]))


def tied():
    torch.manual_seed(0)
    model = Does(
        lambda m, x: m.head(torch.tanh(m.middle(m.words(x)).mean(1))),
        words=nn.Embedding(6, 4),
        middle=nn.Linear(4, 4),
        head=nn.Linear(4, 6, bias=False),
    )
    model.head.weight = model.words.weight
    return model.double().eval()


def test_tied_parameters_are_counted_once_and_differentiated_in_all_uses():
    model, inputs = tied(), tokens()
    objective = Objective(model, inputs, TARGETS)
    assert objective.names == ["words.weight", "middle.weight", "middle.bias"]
    all_that_is_computed(objective, oracle(model, inputs, TARGETS, objective.names))
    hessian_matrix(objective, "structured")
    for wanted in ("head.weight", "words.*", model.head.weight):
        one = Objective(model, inputs, TARGETS, parameters=wanted)
        assert one.names == ["words.weight"]
        all_that_is_computed(one, oracle(model, inputs, TARGETS, ["words.weight"]))
    assert objective.to(torch.float32).to(torch.float64).names == objective.names


def test_tied_layers_of_known_kinds():
    torch.manual_seed(0)
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    model = nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), nn.Linear(4, 3)).double().eval()
    objective = Objective(model, vectors(), TARGETS)
    with pytest.raises(UnsupportedLayerError, match="parameters are"):
        read_network(objective)
    all_that_is_computed(objective, oracle(model, objective.inputs, TARGETS, objective.names))
    last = Objective(model, objective.inputs, TARGETS, parameters="4.*")
    read_network(last)  # what is tied is fixed
    all_that_is_computed(last, oracle(model, objective.inputs, TARGETS, last.names))


@pytest.mark.parametrize("name", ["LSTM", "encoder layer", "language model", "gate", "group norm", "pruned", "hook"])
def test_one_parameter_after_another_of_other_models(name):
    model, inputs, targets = built(name)
    whole = oracle(model, inputs, targets, [name for name, _ in model.named_parameters()])
    start = 0
    for chosen, parameter in list(model.named_parameters()):
        block = slice(start, start + parameter.numel())
        found = hessian_matrix(Objective(model, inputs, targets, parameters=chosen))
        torch.testing.assert_close(found, whole[block, block], rtol=0, atol=1e-11 * float(whole.norm()))
        start += parameter.numel()


def test_worst_of_sixty_seeded_selections(capsys):
    differences = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        draw = random_objective if seed % 2 else random_modern_objective
        whole = draw(lambda options, draw=generator: options[draw.integers(len(options))])
        taken = generator.random(len(whole.names)) < 0.4
        taken[generator.integers(len(taken))] = True
        names = [name for name, chosen in zip(whole.names, taken, strict=True) if chosen]
        objective = Objective(whole.model, whole.inputs, whole.targets, whole.loss.name, parameters=names)
        loss = F.cross_entropy if whole.loss.name == "cross_entropy" else F.mse_loss
        expected = oracle(whole.model, whole.inputs, whole.targets, names, loss)
        found = [hessian_matrix(objective, "structured"), hessian_matrix(objective, "autodiff")]
        with suppress(UnsupportedLayerError):
            found.append(factored_hessian(objective) @ torch.eye(objective.size).double())
        scale = float(expected.norm()) or 1.0
        differences.append(max(float((matrix - expected).norm()) / scale for matrix in found))
    with capsys.disabled():
        worst = int(np.argmax(differences))
        print(f"\n60 seeded selections: worst {differences[worst]:.1e}, at seed {worst}")
    assert max(differences) < 1e-10


def test_one_layer_of_a_large_network():
    resnet18 = pytest.importorskip("torchvision.models").resnet18
    torch.manual_seed(0)
    model = resnet18(num_classes=5).double().eval()
    inputs, targets = torch.randn(3, 3, 32, 32).double(), torch.tensor([0, 3, 4])
    objective = Objective(model, inputs, targets, parameters="fc.bias")
    torch.testing.assert_close(hessian_matrix(objective), oracle(model, inputs, targets, ["fc.bias"]))
    objective = Objective(model, inputs, targets, parameters=["layer4.1.bn2.bias", "fc.*"])
    vector = torch.randn(objective.size, generator=torch.Generator().manual_seed(0)).double()
    parameters = [dict(model.named_parameters())[name] for name in objective.names]
    loss = F.cross_entropy(model(inputs), targets)
    gradient = torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, parameters, create_graph=True)])
    product = torch.cat([g.reshape(-1) for g in torch.autograd.grad(gradient @ vector, parameters)])
    found = hessian_matrix(objective) @ vector
    torch.testing.assert_close(found, product, rtol=0, atol=1e-11 * float(product.norm()))


def test_layers_before_the_chosen_one_keep_nothing_for_a_backward_pass():
    seen = []

    class Watch(nn.Module):
        def forward(self, inputs):
            seen.append(inputs.requires_grad)
            return inputs

    model = nn.Sequential(nn.Linear(4, 5), Watch(), nn.Tanh(), nn.Linear(5, 3)).double().eval()
    HessianOperator(Objective(model, vectors(), TARGETS, parameters="3.*"))
    assert not any(seen)


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        (["0.wieght"], ValueError, r"'0.wieght' is no name or pattern of the model's, which are 0.weight, 0.bias"),
        (["9.*"], ValueError, r"'9.\*' is no name or pattern"),
        ([], ValueError, "parameters is empty"),
        ([nn.Parameter(torch.ones(2, 3))], ValueError, r"one of shape \(2, 3\) is not of the model's"),
        ([3], TypeError, "parameters has a int: give names"),
        (3, TypeError, "parameters is a int: give a list"),
    ],
)
def test_what_is_not_there_is_one_line(wanted, error, message):
    with pytest.raises(error, match=message) as caught:
        Objective(nn.Sequential(nn.Linear(4, 3)).double().eval(), vectors(), TARGETS, parameters=wanted)
    assert "\n" not in str(caught.value)


def test_a_model_that_is_frozen_as_a_whole_is_one_line():
    model = nn.Linear(4, 3).double().eval().requires_grad_(False)
    with pytest.raises(ValueError, match="no parameter of the model requires gradients: say") as caught:
        Objective(model, vectors(), TARGETS)
    assert "\n" not in str(caught.value)
    assert Objective(model, vectors(), TARGETS, parameters="*").size == 15


def test_a_forward_that_changes_a_fixed_parameter_leaves_it_alone():
    model = nn.Sequential(nn.Embedding(6, 3, max_norm=0.1), nn.Flatten(), nn.Linear(12, 3)).double().eval()
    before = model[0].weight.detach().clone()
    with pytest.raises(ValueError, match=r"changes its parameter 0\.weight"):
        Objective(model, tokens(), TARGETS, parameters="2.*")
    assert torch.equal(before, model[0].weight)


def test_every_model_of_the_zoo_has_the_hessian_of_its_last_parameter():
    for name in MODELS:
        model, inputs, targets = built(name)
        last = [name for name, _ in model.named_parameters()][-1]
        expected = oracle(model, inputs, targets, [last])
        found = hessian_matrix(Objective(model, inputs, targets, parameters=last))
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-11 * float(expected.norm()) + 1e-15)
