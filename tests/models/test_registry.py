import pytest
import torch

from lossbasins.models.registry import build_model, load_replica, stack
from lossbasins.specs.entries import ModelSpec


@pytest.mark.parametrize(
    ("architecture", "options", "channels", "parameters"),
    [
        ("mlenet", {}, 1, 3781),
        ("mlenet", {}, 3, 4081),
        ("mlenet", {"widths": [12, 30]}, 1, 12052),
        ("lenet", {}, 1, 431_080),
        ("lenet", {"widths": [2, 3, 4]}, 3, 152 + 153 + (48 * 4 + 4) + 50),
        ("snin", {}, 1, 260 + 110 + 5020 + 420 + 3620 + 210),
        ("snin", {}, 3, 760 + 110 + 5020 + 420 + 3620 + 210),
        ("fnn", {"hidden": [10, 7]}, 1, 784 * 10 + 10 + 77 + 80),
        ("fnn", {"hidden": []}, 1, 785 * 10),
    ],
)
def test_parameter_counts_and_outputs(architecture, options, channels, parameters):
    model = build_model(ModelSpec(architecture=architecture, options=options), (channels, 28, 28), 10)
    assert sum(values.numel() for values in model.parameters()) == parameters
    assert model(torch.zeros(3, channels, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize(
    ("architecture", "size", "line"),
    [
        ("mlenet", 27, "27x27 pixels: a mLeNet needs at least 28x28"),
        ("lenet", 15, "15x15 pixels: a LeNet needs at least 16x16"),
        ("snin", 3, "3x3 pixels: a sNIN needs at least 4x4"),
    ],
)
def test_images_too_small_are_a_clear_error(architecture, size, line):
    with pytest.raises(ValueError, match=line):
        build_model(ModelSpec(architecture=architecture), (1, size, size), 10)
    model = build_model(ModelSpec(architecture=architecture), (1, size + 1, size + 1), 10)
    assert model(torch.zeros(2, 1, size + 1, size + 1)).shape == (2, 10)


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 20)], ids=["colour", "oblong"])
def test_a_lenet_fits_its_dense_layer_to_the_images(shape):
    model = build_model(ModelSpec(architecture="lenet"), shape, 10)
    assert model(torch.zeros(2, *shape)).shape == (2, 10)


@pytest.mark.parametrize("architecture", ["mlenet", "lenet", "snin"])
def test_relus_could_as_well_come_before_their_pools(architecture):
    torch.manual_seed(0)
    ours = build_model(ModelSpec(architecture=architecture), (1, 28, 28), 10)
    layers = list(ours)
    for position, layer in enumerate(ours):
        if isinstance(layer, torch.nn.MaxPool2d):
            layers[position : position + 2] = ours[position + 1], ours[position]
    theirs = torch.nn.Sequential(*layers)
    assert [type(layer) for layer in theirs] != [type(layer) for layer in ours]
    inputs = torch.randn(20, 1, 28, 28)
    gradients = []
    for model in (ours, theirs):
        value = model(inputs).logsumexp(dim=1).sum()
        gradients.append((value, *torch.autograd.grad(value, list(ours.parameters()))))
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("mlenet", {"widths": [0, 15]}),
        ("lenet", {"widths": [20, 50, 0]}),
        ("snin", {"widths": [10, 0, 20]}),
        ("fnn", {"hidden": [-3]}),
    ],
)
def test_layers_without_units_are_a_clear_error(architecture, options):
    with pytest.raises(ValueError, match="needs at least one"):
        build_model(ModelSpec(architecture=architecture, options=options), (1, 28, 28), 10)


def test_only_its_seed_decides_a_network_s_own_initialisation():
    spec = ModelSpec(architecture="fnn")
    torch.manual_seed(0)
    one = build_model(spec, (1, 4, 4), 3, seed=7)
    state = torch.get_rng_state()
    torch.manual_seed(1)
    again, other = (build_model(spec, (1, 4, 4), 3, seed=seed) for seed in (7, 8))
    assert torch.equal(one[1].weight, again[1].weight)
    assert not torch.equal(one[1].weight, other[1].weight)
    torch.manual_seed(0)
    assert torch.equal(torch.get_rng_state(), state)


def test_replicas_come_back_from_a_stack():
    spec = ModelSpec(architecture="fnn")
    models = [build_model(spec, (1, 4, 4), 3) for _ in range(3)]
    stacked = stack([model.state_dict() for model in models])
    assert stacked["1.weight"].shape == (3, 64, 16)
    again = build_model(spec, (1, 4, 4), 3)
    load_replica(again, stacked, 1)
    inputs = torch.randn(5, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(again(inputs), models[1](inputs))
