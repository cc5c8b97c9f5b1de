import math
from copy import deepcopy

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from lossbasins.experiments.basin_stability.kick_specs import KINDS
from lossbasins.experiments.basin_stability.kicks import classes, kicked, random_kick
from lossbasins.models.registry import build_model
from lossbasins.specs.entries import ModelSpec
from lossbasins.training.evaluation import loss_and_accuracy
from tests.experiments.basin_stability.wells import DESCENT, FLOOR, TEST, TRAIN, Wells


def tensors(*shapes):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


def length(values):
    return math.sqrt(sum(float(each.detach().square().sum()) for each in values))


def ends(model, radius, kicks, kind="whole"):
    before = classes(model, TEST)
    return [
        kicked(deepcopy(model), TRAIN, TEST, kind, radius, np.random.default_rng(number), DESCENT, before)
        for number in range(kicks)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kick_is_as_long_as_it_says(kind):
    parameters = tensors((4, 3), (4,), (2, 4))
    move = random_kick(parameters, kind, 0.3, np.random.default_rng(1))
    assert length(move) == pytest.approx(0.3 * length(parameters), rel=1e-12)
    assert [each.shape for each in move] == [values.shape for values in parameters]


def test_the_whole_kick_is_uniform_on_the_sphere():
    parameters = tensors((2, 2), (1,))
    moves = [random_kick(parameters, "whole", 1, np.random.default_rng(number)) for number in range(2000)]
    first = np.array([float(move[0][0, 0]) for move in moves]) / length(parameters)
    # One coordinate u of a uniform point on the sphere in P dimensions: (u + 1) / 2 is Beta((P - 1) / 2, (P - 1) / 2).
    assert stats.kstest((first + 1) / 2, stats.beta(2, 2).cdf).pvalue > 0.001


def test_the_kick_of_layers_is_of_each_norm_and_leaves_zeros():
    parameters = [*tensors((4, 3), (2, 4)), torch.zeros(4, dtype=torch.float64)]
    move = random_kick(parameters, "layers", 0.3, np.random.default_rng(1))
    for values, each in zip(parameters, move, strict=True):
        assert length([each]) == pytest.approx(0.3 * length([values]), abs=1e-15)


def test_a_network_of_rescaled_layers_is_the_same_function_after_the_kick_of_layers():
    model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)).double()
    rescaled = deepcopy(model)
    inputs = torch.randn(20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        for values, factor in zip((*rescaled[0].parameters(), rescaled[2].weight), (7, 7, 1 / 7), strict=True):
            values *= factor
        outputs = {}
        for kind in KINDS:
            for name, network in (("as it is", deepcopy(model)), ("rescaled", deepcopy(rescaled))):
                start = [values.clone() for values in network.parameters()]
                for values, each in zip(
                    network.parameters(), random_kick(start, kind, 0.5, np.random.default_rng(2)), strict=True
                ):
                    values += each
                outputs[kind, name] = network(inputs)
    torch.testing.assert_close(outputs["layers", "as it is"], outputs["layers", "rescaled"], rtol=1e-12, atol=1e-12)
    assert not torch.allclose(outputs["whole", "as it is"], outputs["whole", "rescaled"], rtol=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kick_of_no_length_returns_always(kind):
    model = Wells((1.0, 0.0), (-0.5, 0.0))
    for end in ends(model, 0.0, 5, kind):
        assert (end.descent, end.length, end.distance, end.test_accuracy, end.agreement) == ("below_target", 0, 0, 1, 1)


@pytest.mark.parametrize("radius", [0.1, 1, 100])
def test_a_quadratic_bowl_returns_always(radius):
    found = ends(Wells((1.0, 0.5)), radius, 20)
    assert {(end.descent, end.test_accuracy, end.agreement) for end in found} == {("reached", 1, 1)}
    assert max(end.distance for end in found) <= math.sqrt(2 * 1.01e-4)
    for end in found:
        assert end.kicked_loss == pytest.approx((radius * math.sqrt(1.25)) ** 2 / 2 + FLOOR)


@pytest.mark.parametrize("radius", [0.9, 1.5, 4])
def test_a_double_well_returns_at_the_share_of_its_basin(radius):
    """From (1, 0), with the ridge at x = 1/4: a kick of angle t stays in the basin where 1 + rho cos t > 1/4."""
    found = ends(Wells((1.0, 0.0), (-0.5, 0.0)), radius, 400)
    assert {end.descent for end in found} == {"reached"}
    returned = sum(end.agreement == 1 for end in found)
    assert [end.test_accuracy for end in found] == [end.agreement for end in found]
    exact = math.acos(-0.75 / radius) / math.pi
    assert stats.binomtest(returned, len(found), exact).pvalue > 0.001
    # Each ends in the well that its kick led to.
    for number, end in enumerate(found):
        move = random_kick([torch.tensor([1.0, 0.0]).double()], "whole", radius, np.random.default_rng(number))
        assert (end.agreement == 1) == (1 + float(move[0][0]) > 0.25)


def test_what_is_recorded_is_what_was_there():
    model = build_model(ModelSpec(architecture="fnn", options={"hidden": [4]}), (1, 3, 3), 2).double()
    generator = torch.Generator().manual_seed(0)
    train, test = (
        type(TRAIN)(
            torch.randn(images, 1, 3, 3, dtype=torch.float64, generator=generator),
            torch.arange(images) % 2,
        )
        for images in (12, 150)
    )
    start = deepcopy(model)
    before = classes(model, test)
    end = kicked(model, train, test, "whole", 0.5, np.random.default_rng(0), DESCENT, before)
    moved = [after - values for after, values in zip(model.parameters(), start.parameters(), strict=True)]
    assert end.distance == pytest.approx(length(moved))
    assert (end.train_loss, end.train_accuracy) == loss_and_accuracy(model, train)
    assert end.test_accuracy == loss_and_accuracy(model, test)[1]
    assert end.agreement == float((classes(model, test) == before).double().mean())
    assert end.test_images == 150
