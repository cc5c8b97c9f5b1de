"""A training set with random labels, to be learnt before the true ones."""

import dataclasses
import math

import numpy as np

from lossbasins.data.kinds import KINDS
from lossbasins.data.split import Split

ZEROED = 0.1
"""Share of the pixels of a copy, or of what it has in their place."""


def with_random_labels(split: Split, copies: int, seed: int) -> Split:
    """A split whose training set is copies of it, each with random pixels zeroed and a random label.

    As Liu et al. (2019, 1906.02613) make what their networks are trained on first; a label may be the true one. Inputs
    are normalised as before. Of signals times are zeroed, of sequences tokens, of rows features.

    Args:
        split: the three sets.
        copies: of each training input.
        seed: of pixels and labels; an input's first copies are the same whatever their number.
    """
    count, *shape = split.train_inputs.shape
    if KINDS[split.kind].positions:
        shape[-1] = 1
    zeroed = np.arange(math.prod(shape)) < round(ZEROED * math.prod(shape))
    inputs, labels = [], []
    for stream in np.random.SeedSequence(seed).spawn(copies):
        rng = np.random.default_rng(stream)
        dark = rng.permuted(np.broadcast_to(zeroed, (count, zeroed.size)), axis=1).reshape(count, *shape)
        inputs.append(np.where(dark, split.train_inputs.dtype.type(0), split.train_inputs))
        labels.append(rng.integers(0, split.classes, count))
    return dataclasses.replace(split, train_inputs=np.concatenate(inputs), train_labels=np.concatenate(labels))
