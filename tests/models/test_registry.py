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
        ("fnn", {"hidden": [10, 7]}, 1, 784 * 10 + 10 + 77 + 80),
        ("fnn", {"hidden": []}, 1, 785 * 10),
    ],
)
def test_parameter_counts_and_outputs(architecture, options, channels, parameters):
    model = build_model(ModelSpec(architecture=architecture, options=options), (channels, 28, 28), 10)
    assert sum(values.numel() for values in model.parameters()) == parameters
    assert model(torch.zeros(3, channels, 28, 28)).shape == (3, 10)


def test_images_too_small_for_a_mlenet_are_a_clear_error():
    with pytest.raises(ValueError, match="8x8 pixels: a mLeNet needs at least 28x28"):
        build_model(ModelSpec(architecture="mlenet"), (1, 8, 8), 10)


def test_a_mlenet_is_that_of_the_paper_whose_relus_come_before_their_pools():
    torch.manual_seed(0)
    ours = build_model(ModelSpec(architecture="mlenet"), (1, 28, 28), 10)
    layers = list(ours)
    theirs = torch.nn.Sequential(*(layers[position] for position in (0, 2, 1, 3, 5, 4, 6, 7, 8)))
    inputs = torch.randn(20, 1, 28, 28)
    gradients = []
    for model in (ours, theirs):
        value = model(inputs).logsumexp(dim=1).sum()
        gradients.append((value, *torch.autograd.grad(value, list(ours.parameters()))))
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


@pytest.mark.parametrize(("architecture", "options"), [("mlenet", {"widths": [0, 15]}), ("fnn", {"hidden": [-3]})])
def test_layers_without_units_are_a_clear_error(architecture, options):
    with pytest.raises(ValueError, match="needs at least one"):
        build_model(ModelSpec(architecture=architecture, options=options), (1, 28, 28), 10)


def test_replicas_come_back_from_a_stack():
    spec = ModelSpec(architecture="fnn")
    models = [build_model(spec, (1, 4, 4), 3) for _ in range(3)]
    stacked = stack(models)
    assert stacked["1.weight"].shape == (3, 64, 16)
    again = build_model(spec, (1, 4, 4), 3)
    load_replica(again, stacked, 1)
    inputs = torch.randn(5, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(again(inputs), models[1](inputs))
