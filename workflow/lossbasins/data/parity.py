"""A two-class regression on images: is the class even or odd?"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lossbasins.data.split import Split
from lossbasins.data.tensors import attack_part, test_part, train_part


@dataclass(frozen=True, eq=False)
class Points:
    """Inputs and what a network should answer."""

    inputs: Tensor
    """Shape (n, d), float64."""
    targets: Tensor
    """Shape (n, 1), float64: +1 and -1."""


def train_points(split: Split, pixels: int, device: str) -> Points:
    """The training set with target +1 where the class is even, else -1.

    Args:
        split: images of any size and number of channels.
        pixels: height and width that images are averaged down to; d is this squared, times the channels.
        device: where the tensors shall be.

    Raises:
        ValueError: the data are no images, or smaller than `pixels`.
    """
    part = train_part(split, torch.float64, device)
    return Points(_averaged(part.inputs, pixels), _parity(part.labels))


def test_points(split: Split, pixels: int, device: str) -> Points:
    """The test set; see `train_points`."""
    part = test_part(split, torch.float64, device)
    return Points(_averaged(part.inputs, pixels), _parity(part.labels))


def attack_points(split: Split, size: int, pixels: int, device: str) -> Points:
    """The first `size` images of the attack set, each with the target that its true class has not.

    The split's wrong labels do not serve here, since a wrong class may have the right parity.
    """
    part = attack_part(split, size, torch.float64, device)
    true = torch.from_numpy(split.attack_true_labels[:size].copy()).to(device)
    return Points(_averaged(part.inputs, pixels), -_parity(true))


def _averaged(images: Tensor, pixels: int) -> Tensor:
    if images.dim() != 4:
        raise ValueError(f"pixels {pixels}: what is to be averaged down has no height and width; give it images")
    if pixels > min(images.shape[2:]):
        raise ValueError(f"pixels {pixels}: images have {images.shape[2]}x{images.shape[3]}, allowed are at most these")
    return torch.nn.functional.adaptive_avg_pool2d(images, pixels).flatten(1)


def _parity(labels: Tensor) -> Tensor:
    return (1 - 2 * (labels % 2)).to(torch.float64)[:, None]
