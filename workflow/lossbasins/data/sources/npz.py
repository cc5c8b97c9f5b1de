"""A NumPy archive of your own: train_images, train_labels, and maybe test_images, test_labels, note; or other kinds."""

import difflib
import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbasins.data.kinds import KINDS
from lossbasins.data.raw import RawData, raw_data

SUFFIX = ".npy"
NEARLY = 0.85
"""How alike two names are (`difflib`) of which one is taken for the other, misspelt."""
DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError, MemoryError, OSError)
"""What zipfile and numpy raise, depending on where an archive is damaged."""


def load(folder: Path, *, path: str) -> RawData:  # noqa: ARG001, every source has its folder
    """Reads an archive; arrays of quite other names are ignored, and nothing is ever unpickled.

    What its arrays are called says the kind of the data: `train_images`, `train_signals`, `train_features` or
    `train_tokens`, and so in the test part; `raw_data` says what each holds.

    `note` is one text, such as "CIFAR-10: the first 5,000 images", that every table and figure will show.

    Args:
        folder: not used.
        path: the archive, relative to the working directory or absolute.

    Raises:
        ValueError: the file cannot be read or a field is not as `raw_data` wants it; one line.
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
        kind = _kind(file, names)
        _check_spelling(file, names, [f"train_{kind}", "train_labels", f"test_{kind}", "test_labels", "note"])
        train_inputs, train_labels = (_array(file, archive, names, f"train_{what}") for what in (kind, "labels"))
        test_inputs, test_labels = (
            _array(file, archive, names, name) if (name := f"test_{what}") in names else None
            for what in (kind, "labels")
        )
        note = _text(file, archive, names, "note") if "note" in names else ""
    return raw_data(kind, file, train_inputs, train_labels, test_inputs, test_labels, note=note)


def _kind(file: Path, names: list[str]) -> str:
    found = [kind for kind in KINDS if f"train_{kind}" in names]
    if len(found) > 1:
        given = " and ".join(f"train_{kind}" for kind in found)
        raise ValueError(f"{file}: train_{found[1]}: given {given}; allowed: one kind of data")
    if not found:
        others = ", ".join(f"train_{kind}" for kind in KINDS if kind != "images")
        raise ValueError(f"{file}: train_images: missing; {_held(names)}; allowed in its place: {others}")
    return found[0]


def _check_spelling(file: Path, names: list[str], known: list[str]) -> None:
    """Raises ValueError where an array is left out that another one is nearly called like."""
    missing = [name for name in known if name not in names]
    for name in names:
        if name not in known and (meant := difflib.get_close_matches(name.lower(), missing, 1, NEARLY)):
            raise ValueError(f"{file}: {meant[0]}: missing, but there is {name!r}; rename that, or leave it out")


def _text(file: Path, archive: zipfile.ZipFile, names: list[str], name: str) -> str:
    array = _array(file, archive, names, name)
    if array.dtype.kind != "U" or array.shape:
        raise ValueError(
            f"{file}: {name}: given dtype {array.dtype}, shape {array.shape}; allowed: one text, numpy.array('...')"
        )
    return " ".join(str(array).split())


def _array(file: Path, archive: zipfile.ZipFile, names: list[str], name: str) -> NDArray[Any]:
    if name not in names:
        raise ValueError(f"{file}: {name}: missing; {_held(names)}")
    try:
        # Read whole before it is parsed: only then is its checksum verified.
        content = io.BytesIO(archive.read(name + SUFFIX))
        array: NDArray[Any] = np.lib.format.read_array(content, allow_pickle=False)
    except DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{file}: {name}: cannot be read ({reason}); allowed: a whole array of numbers") from None
    return array


def _held(names: list[str]) -> str:
    # A name may hold what would break the line.
    return f"the file has {', '.join(repr(name)[1:-1] for name in names) or 'no arrays'}"
