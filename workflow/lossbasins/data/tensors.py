"""The sets of a split as normalised tensors."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossbasins.data.kinds import KINDS, Inputs
from lossbasins.data.split import Split


@dataclass(frozen=True, eq=False)
class Part:
    """Inputs and labels, as networks take them."""

    inputs: Tensor
    """(value / unit - mean) / std, the unit of images being 255: images (n, channels, height, width), signals (n,
    channels, length), features (n, features). Tokens: int64, (n, length)."""
    labels: Tensor
    """int64, shape (n,)."""


def train_part(split: Split, dtype: torch.dtype, device: torch.device | str) -> Part:
    """The training set, in the split's order."""
    return _part(split, split.train_inputs, split.train_labels, dtype, device)


def attack_part(split: Split, size: int, dtype: torch.dtype, device: torch.device | str) -> Part:
    """The first of the attack set, with their wrong labels.

    Args:
        split: the three sets.
        size: how many.
        dtype: of the inputs, but for tokens.
        device: of both tensors.

    Raises:
        ValueError: the attack set is smaller than `size`.
    """
    if size > len(split.attack_labels):
        items, available = KINDS[split.kind].items, len(split.attack_labels)
        raise ValueError(f"attack of {size} {items}, but the split has {available} for it")
    return _part(split, split.attack_inputs[:size], split.attack_labels[:size], dtype, device)


def test_part(split: Split, dtype: torch.dtype, device: torch.device | str) -> Part:
    """The test set, in the split's order."""
    return _part(split, split.test_inputs, split.test_labels, dtype, device)


def _part(
    split: Split, inputs: Inputs, labels: NDArray[np.int64], dtype: torch.dtype, device: torch.device | str
) -> Part:
    kind, targets = KINDS[split.kind], torch.from_numpy(labels.copy()).to(device)
    if kind.positions is None:
        return Part(torch.from_numpy(inputs.copy()).to(device), targets)
    # In float64 until the end, so that float32 inputs are the float64 ones rounded once.
    normalised = np.moveaxis((inputs / kind.unit - split.mean) / split.std, -1, 1)
    return Part(torch.from_numpy(np.ascontiguousarray(normalised)).to(device, dtype), targets)
