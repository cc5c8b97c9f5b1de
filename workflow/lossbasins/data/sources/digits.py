"""The 1797 handwritten digits of 8x8 pixels that scikit-learn brings along: no download, no test part."""

from pathlib import Path

import numpy as np
import sklearn.datasets

from lossbasins.data.raw import RawData, raw_images

HIGHEST = 16
"""The largest value of a pixel in the file."""


def load(folder: Path) -> RawData:  # noqa: ARG001, every source has its folder
    """Reads the digits, their values 0 to 16 scaled to 0 to 255 and rounded."""
    file = Path(sklearn.datasets.__file__).parent / "data" / "digits.csv.gz"
    digits = sklearn.datasets.load_digits()
    images = np.rint(digits.images * (255 / HIGHEST)).astype(np.uint8)
    return raw_images(file, images, digits.target, files=[file])
