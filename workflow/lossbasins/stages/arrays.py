"""Files of raw data and splits: NumPy archives whose bytes depend on their content alone."""

import dataclasses
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbasins.data.kinds import KINDS
from lossbasins.data.raw import RawData
from lossbasins.data.split import Split

INPUTS = "_inputs"
"""What the names of fields end in whose arrays are called as their kind."""


def write_raw(path: Path, raw: RawData) -> None:
    """Writes train_images, train_labels, where there is a test part test_images and test_labels, and the note.

    Other kinds of data have arrays of their own names.
    """
    _write(path, _named(raw, ("train_inputs", "train_labels", "test_inputs", "test_labels", "note")))


def read_raw(path: Path) -> RawData:
    """Reads what `write_raw` has written; which raw files it came from stays in the manifest."""
    arrays = _read(path)
    return RawData(
        arrays["kind"],
        arrays["train_inputs"],
        arrays["train_labels"],
        arrays.get("test_inputs"),
        arrays.get("test_labels"),
        note=str(arrays["note"]),
    )


def write_split(path: Path, split: Split) -> None:
    """Writes one array for each field of the split; inputs are called as their kind."""
    _write(path, _named(split, [field.name for field in dataclasses.fields(split) if field.name != "kind"]))


def read_split(path: Path) -> Split:
    """Reads what `write_split` has written."""
    arrays = _read(path)
    return Split(**arrays | {"classes": int(arrays["classes"]), "note": str(arrays["note"])})


def _named(data: RawData | Split, fields: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Arrays of the fields that there are, such as `train_images` of `train_inputs`."""
    values = {field.replace(INPUTS, f"_{data.kind}"): getattr(data, field) for field in fields}
    return {name: np.asarray(value) for name, value in values.items() if value is not None}


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            # A ZipInfo made by hand carries a fixed date; stored, bytes do not depend on the version of zlib.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array, order="C"), allow_pickle=False)


def _read(path: Path) -> dict[str, Any]:
    """Arrays by field, and the kind that their names tell."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive)
    kind = next(kind for kind in KINDS if f"train_{kind}" in arrays)
    return {name.replace(f"_{kind}", INPUTS): values for name, values in arrays.items()} | {"kind": kind}
