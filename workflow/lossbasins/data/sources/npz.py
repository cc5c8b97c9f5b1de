"""Images from a NumPy archive of your own: train_images, train_labels, and maybe test_images, test_labels, note."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbasins.data.images import RawImages, raw_images

SUFFIX = ".npy"
DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError, MemoryError, OSError)
"""What zipfile and numpy raise, depending on where an archive is damaged."""


def load(folder: Path, *, path: str) -> RawImages:  # noqa: ARG001, every source has its folder
    """Reads an archive; arrays of other names are ignored, and nothing is ever unpickled.

    `note` is one text, such as "CIFAR-10: the first 5,000 images", that every table and figure will show.

    Args:
        folder: not used.
        path: the archive, relative to the working directory or absolute.

    Raises:
        ValueError: the file cannot be read or a field is not as `raw_images` wants it; one line.
    """
    file = Path(path)
    if not file.is_file():
        raise ValueError(f"{file}: path: no such file; allowed: a NumPy archive (npz)")
    try:
        archive = zipfile.ZipFile(file)
    except PermissionError:
        raise
    except DAMAGED:
        raise ValueError(
            f"{file}: path: truncated or no NumPy archive; allowed: a file as numpy.savez writes it"
        ) from None
    with archive:
        names = [name.removesuffix(SUFFIX) for name in archive.namelist() if name.endswith(SUFFIX)]
        train_images, train_labels = (_array(file, archive, names, name) for name in ("train_images", "train_labels"))
        test_images, test_labels = (
            _array(file, archive, names, name) if name in names else None for name in ("test_images", "test_labels")
        )
        note = _text(file, archive, names, "note") if "note" in names else ""
    return raw_images(file, train_images, train_labels, test_images, test_labels, note=note)


def _text(file: Path, archive: zipfile.ZipFile, names: list[str], name: str) -> str:
    array = _array(file, archive, names, name)
    if array.dtype.kind != "U" or array.shape:
        raise ValueError(
            f"{file}: {name}: given dtype {array.dtype}, shape {array.shape}; allowed: one text, numpy.array('...')"
        )
    return " ".join(str(array).split())


def _array(file: Path, archive: zipfile.ZipFile, names: list[str], name: str) -> NDArray[Any]:
    if name not in names:
        # A name may hold what would break the line.
        found = ", ".join(repr(other)[1:-1] for other in names) or "no arrays"
        raise ValueError(f"{file}: {name}: missing; the file has {found}")
    try:
        # Read whole before it is parsed: only then is its checksum verified.
        content = io.BytesIO(archive.read(name + SUFFIX))
        array: NDArray[Any] = np.lib.format.read_array(content, allow_pickle=False)
    except DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{file}: {name}: cannot be read ({reason}); allowed: a whole array of numbers") from None
    return array
