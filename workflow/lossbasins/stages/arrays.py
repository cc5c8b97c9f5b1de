"""Files of raw images and splits: NumPy archives whose bytes depend on their content alone."""

import dataclasses
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbasins.data.images import RawImages
from lossbasins.data.split import Split


def write_images(path: Path, images: RawImages) -> None:
    """Writes train_images, train_labels, where there is a test part test_images and test_labels, and the note."""
    arrays = {name: value for name, value in vars(images).items() if isinstance(value, np.ndarray)}
    _write(path, arrays | {"note": np.asarray(images.note)})


def read_images(path: Path) -> RawImages:
    """Reads what `write_images` has written; which raw files it came from stays in the manifest."""
    arrays = _read(path)
    return RawImages(
        arrays["train_images"],
        arrays["train_labels"],
        arrays.get("test_images"),
        arrays.get("test_labels"),
        note=str(arrays["note"]),
    )


def write_split(path: Path, split: Split) -> None:
    """Writes one array for each field of the split."""
    _write(path, {field.name: np.asarray(getattr(split, field.name)) for field in dataclasses.fields(split)})


def read_split(path: Path) -> Split:
    """Reads what `write_split` has written."""
    arrays = _read(path)
    return Split(**arrays | {"classes": int(arrays["classes"]), "note": str(arrays["note"])})


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            # A ZipInfo made by hand carries a fixed date; stored, bytes do not depend on the version of zlib.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array, order="C"), allow_pickle=False)


def _read(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)
