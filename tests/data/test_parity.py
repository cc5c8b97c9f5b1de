import numpy as np
import pytest
import torch

from lossbasins.data import parity
from lossbasins.data.raw import raw_images
from lossbasins.data.split import make_split
from lossbasins.specs.split import SplitChoices
from tests.data.arrays import pictures


@pytest.fixture(scope="module")
def split():
    raw = raw_images("here", pictures(40, 4, 4, 3), np.arange(40) % 5)
    return make_split(raw, SplitChoices(train=15, attack=10), 0)


def signs(labels):
    return [[1.0] if label % 2 == 0 else [-1.0] for label in labels]


def test_targets_are_the_parity_of_the_class(split):
    assert parity.train_points(split, 4, "cpu").targets.tolist() == signs(split.train_labels)
    assert parity.test_points(split, 4, "cpu").targets.tolist() == signs(split.test_labels)


def test_attack_targets_are_the_wrong_parity_of_the_true_class(split):
    points = parity.attack_points(split, 7, 4, "cpu")
    assert points.targets.tolist() == signs(split.attack_true_labels[:7] + 1)
    assert points.inputs.shape == (7, 48)


def test_inputs_are_means_of_blocks_of_normalised_pixels(split):
    inputs = parity.train_points(split, 2, "cpu").inputs
    images = ((split.train_inputs / 255 - split.mean) / split.std).transpose(0, 3, 1, 2)
    blocks = images.reshape(15, 3, 2, 2, 2, 2).mean(axis=(3, 5))
    assert inputs.dtype == torch.float64
    np.testing.assert_allclose(inputs, blocks.reshape(15, 12), rtol=0, atol=1e-13)


def test_images_are_not_enlarged(split):
    with pytest.raises(ValueError, match=r"^pixels 5: images have 4x4, allowed are at most these$"):
        parity.train_points(split, 5, "cpu")
