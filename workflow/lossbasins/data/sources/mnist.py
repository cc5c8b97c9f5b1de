"""MNIST: 60,000 and 10,000 handwritten digits of 28x28 pixels, downloaded once by torchvision."""

from pathlib import Path

from torchvision.datasets import MNIST

from lossbasins.data.downloads import Arrays, downloaded
from lossbasins.data.raw import RawData

RAW = "MNIST/raw"
"""Where torchvision keeps the files."""


def load(folder: Path) -> RawData:
    """Reads MNIST, downloading those of its four files that are not yet in `MNIST/raw` of the folder.

    Args:
        folder: where the downloads are kept.

    Raises:
        ValueError: a file is missing or is not MNIST's, and cannot be downloaded; one line.
    """
    return downloaded(folder / RAW, "MNIST", [name for name, _ in MNIST.resources], _read, within=RAW)


def _read(root: Path) -> Arrays:
    train, test = (MNIST(root, train=part, download=True) for part in (True, False))
    return train.data.numpy(), train.targets.numpy(), test.data.numpy(), test.targets.numpy()
