import numpy as np

from lossbasins.data.random_labels import with_random_labels
from lossbasins.data.raw import raw_images
from lossbasins.data.split import make_split
from lossbasins.specs.split import SplitChoices

COUNT = 300


def test_copies_have_random_labels_and_a_tenth_of_their_pixels_zeroed():
    images = np.random.default_rng(0).integers(1, 256, (400, 10, 7, 2), dtype=np.uint8)
    split = make_split(raw_images("here", images, np.arange(400) % 4), SplitChoices(train=COUNT, attack=50), 0)
    found = with_random_labels(split, 2, 5)
    assert found.train_inputs.shape == (2 * COUNT, 10, 7, 2)
    assert found.train_inputs.dtype == np.uint8
    changed = found.train_inputs != np.concatenate([split.train_inputs] * 2)
    assert (changed.any(axis=3) == changed.all(axis=3)).all()
    assert (changed.any(axis=3).sum(axis=(1, 2)) == 7).all()
    assert (found.train_inputs[changed] == 0).all()
    assert (changed[:COUNT] != changed[COUNT:]).any()
    assert (found.train_labels[:COUNT] != found.train_labels[COUNT:]).any()
    # Labels know nothing of the true ones: a quarter of them agree by chance, within four standard deviations.
    agreement = (found.train_labels == np.concatenate([split.train_labels] * 2)).mean()
    assert abs(agreement - 0.25) < 4 * (0.25 * 0.75 / (2 * COUNT)) ** 0.5
    one = with_random_labels(split, 1, 5)
    np.testing.assert_array_equal(one.train_labels, found.train_labels[:COUNT])
    np.testing.assert_array_equal(one.train_inputs, found.train_inputs[:COUNT])
    for name in ("mean", "std", "test_inputs", "attack_labels"):
        np.testing.assert_array_equal(getattr(found, name), getattr(split, name))
