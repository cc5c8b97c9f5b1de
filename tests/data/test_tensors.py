import numpy as np
import pytest
import torch

from lossbasins.data import tensors
from lossbasins.data.raw import raw_images
from lossbasins.data.split import make_split
from lossbasins.specs.split import SplitChoices
from tests.data.arrays import pictures


@pytest.fixture(scope="module")
def split():
    raw = raw_images("here", pictures(30, 4, 5, 3), np.arange(30) % 3)
    return make_split(raw, SplitChoices(train=12, attack=9), 0)


def test_inputs_are_normalised_with_channels_first(split):
    part = tensors.test_part(split, torch.float64, "cpu")
    assert part.inputs.shape == (9, 3, 4, 5)
    for image, channel, row, column in np.ndindex(9, 3, 4, 5):
        value = int(split.test_inputs[image, row, column, channel])
        expected = (value / 255 - split.mean[channel]) / split.std[channel]
        assert part.inputs[image, channel, row, column].item() == pytest.approx(expected, abs=1e-12)
    assert part.labels.tolist() == split.test_labels.tolist()


def test_training_inputs_have_mean_zero_and_deviation_one(split):
    inputs = tensors.train_part(split, torch.float64, "cpu").inputs
    torch.testing.assert_close(inputs.mean(dim=(0, 2, 3)), torch.zeros(3, dtype=torch.float64))
    torch.testing.assert_close(inputs.std(dim=(0, 2, 3), correction=0), torch.ones(3, dtype=torch.float64))


def test_float32_is_float64_rounded_once(split):
    single, double = (tensors.train_part(split, dtype, "cpu") for dtype in (torch.float32, torch.float64))
    assert single.inputs.dtype == torch.float32
    assert torch.equal(single.inputs, double.inputs.float())
    assert single.labels.dtype == torch.int64


def test_an_attack_takes_the_first_images_with_wrong_labels(split):
    whole, part = (tensors.attack_part(split, size, torch.float64, "cpu") for size in (9, 4))
    assert torch.equal(part.inputs, whole.inputs[:4])
    assert part.labels.tolist() == split.attack_labels[:4].tolist()
    with pytest.raises(ValueError, match=r"^attack of 10 images, but the split has 9 for it$"):
        tensors.attack_part(split, 10, torch.float64, "cpu")


def test_tensors_share_no_memory_with_the_split(split):
    before = split.train_labels.copy()
    tensors.train_part(split, torch.float64, "cpu").labels.zero_()
    np.testing.assert_array_equal(split.train_labels, before)
