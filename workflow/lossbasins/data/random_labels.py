"""Training images with random labels, to be learnt before the true ones."""

import dataclasses

import numpy as np

from lossbasins.data.split import Split

ZEROED = 0.1
"""Share of the pixels of a copy."""


def with_random_labels(split: Split, copies: int, seed: int) -> Split:
    """A split whose training set is copies of its images, each with random pixels zeroed and a random label.

    As Liu et al. (2019, 1906.02613) make what their networks are trained on first; a label may be the true one. Images
    are normalised as before.

    Args:
        split: the three sets.
        copies: of each training image.
        seed: of pixels and labels; an image's first copies are the same whatever their number.
    """
    count, height, width, _ = split.train_images.shape
    zeroed = np.arange(height * width) < round(ZEROED * height * width)
    images, labels = [], []
    for stream in np.random.SeedSequence(seed).spawn(copies):
        rng = np.random.default_rng(stream)
        dark = rng.permuted(np.broadcast_to(zeroed, (count, height * width)), axis=1).reshape(count, height, width, 1)
        images.append(np.where(dark, np.uint8(0), split.train_images))
        labels.append(rng.integers(0, split.classes, count))
    return dataclasses.replace(split, train_images=np.concatenate(images), train_labels=np.concatenate(labels))
