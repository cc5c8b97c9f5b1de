"""The sets of a split as normalised tensors."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossbasins.data.split import Split


@dataclass(frozen=True, eq=False)
class Part:
    """Images and labels, as networks take them."""

    inputs: Tensor
    """(value / 255 - mean) / std, shape (n, channels, height, width)."""
    labels: Tensor
    """int64, shape (n,)."""


def train_part(split: Split, dtype: torch.dtype, device: torch.device | str) -> Part:
    """The training set, in the split's order."""
    return _part(split, split.train_images, split.train_labels, dtype, device)


def attack_part(split: Split, size: int, dtype: torch.dtype, device: torch.device | str) -> Part:
    """The first images of the attack set, with their wrong labels.

    Args:
        split: the three sets.
        size: number of images.
        dtype: of the inputs.
        device: of both tensors.

    Raises:
        ValueError: the attack set is smaller than `size`.
    """
    if size > len(split.attack_labels):
        raise ValueError(f"attack of {size} images, but the split has {len(split.attack_labels)} for it")
    return _part(split, split.attack_images[:size], split.attack_labels[:size], dtype, device)


def test_part(split: Split, dtype: torch.dtype, device: torch.device | str) -> Part:
    """The test set, in the split's order."""
    return _part(split, split.test_images, split.test_labels, dtype, device)


def _part(
    split: Split, images: NDArray[np.uint8], labels: NDArray[np.int64], dtype: torch.dtype, device: torch.device | str
) -> Part:
    # In float64 until the end, so that float32 inputs are the float64 ones rounded once.
    normalised = np.ascontiguousarray(((images / 255 - split.mean) / split.std).transpose(0, 3, 1, 2))
    return Part(torch.from_numpy(normalised).to(device, dtype), torch.from_numpy(labels.copy()).to(device))
