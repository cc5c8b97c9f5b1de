"""CIFAR-10: 50,000 and 10,000 colour photographs of 32x32 pixels, downloaded once by torchvision."""

from pathlib import Path

import numpy as np
from torchvision.datasets import CIFAR10

from lossbasins.data.downloads import Arrays, downloaded
from lossbasins.data.raw import RawData


def load(folder: Path) -> RawData:
    """Reads CIFAR-10, downloading its one archive if that is not yet in the folder.

    Args:
        folder: where the download is kept.

    Raises:
        ValueError: the archive is missing or is not CIFAR-10's, and cannot be downloaded; one line.
    """
    return downloaded(folder, "CIFAR-10", [CIFAR10.filename], _read)


def _read(root: Path) -> Arrays:
    train, test = (CIFAR10(root, train=part, download=True) for part in (True, False))
    return train.data, np.asarray(train.targets), test.data, np.asarray(test.targets)
