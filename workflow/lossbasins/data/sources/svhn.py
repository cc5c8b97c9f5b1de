"""SVHN: 73,257 and 26,032 house number digits of 32x32 pixels in colour, downloaded once by torchvision."""

from pathlib import Path

from torchvision.datasets import SVHN

from lossbasins.data.downloads import Arrays, downloaded
from lossbasins.data.raw import RawData

PARTS = ("train", "test")


def load(folder: Path) -> RawData:
    """Reads SVHN's cropped digits, downloading those of its two files that are not yet in the folder.

    Args:
        folder: where the downloads are kept.

    Raises:
        ValueError: a file is missing or is not SVHN's, and cannot be downloaded; one line.
    """
    return downloaded(folder, "SVHN", [SVHN.split_list[part][1] for part in PARTS], _read)


def _read(root: Path) -> Arrays:
    train, test = (SVHN(root, split=part, download=True) for part in PARTS)
    return train.data.transpose(0, 2, 3, 1), train.labels, test.data.transpose(0, 2, 3, 1), test.labels
