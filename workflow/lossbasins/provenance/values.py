"""How far the values of two files are apart."""

import csv
import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
TEXTS = frozenset({".md", ".tex", ".txt"})


def deviation(left: Path, right: Path) -> float:
    """The largest difference of two files' values, relative to the larger one.

    For arrays, and columns of a csv, it is relative to their largest entry in size, since rounding errors are.

    Args:
        left: text (csv, md, tex, txt) or arrays (npz, safetensors).
        right: another file of that kind.

    Returns:
        0 for equal values; infinity where the files differ in more than their numbers, or are of another kind.
    """
    if left.suffix == ".csv":
        return _arrays(_columns(left), _columns(right))
    if left.suffix in TEXTS:
        return _texts(left.read_text(encoding="utf-8"), right.read_text(encoding="utf-8"))
    if left.suffix in (".npz", ".safetensors"):
        return _arrays(_loaded(left), _loaded(right))
    return 0.0 if left.read_bytes() == right.read_bytes() else math.inf


def _texts(left: str, right: str) -> float:
    if NUMBER.sub("#", left) != NUMBER.sub("#", right):
        return math.inf
    pairs = zip(NUMBER.findall(left), NUMBER.findall(right), strict=True)
    return max((_relative(np.array([float(a)]), np.array([float(b)])) for a, b in pairs), default=0.0)


def _arrays(left: dict[str, NDArray[np.generic]], right: dict[str, NDArray[np.generic]]) -> float:
    if {name: a.shape for name, a in left.items()} != {name: a.shape for name, a in right.items()}:
        return math.inf
    return max((_relative(left[name], right[name]) for name in left), default=0.0)


def _relative(left: NDArray[np.generic], right: NDArray[np.generic]) -> float:
    if not (np.issubdtype(left.dtype, np.number) and np.issubdtype(right.dtype, np.number)):
        return 0.0 if np.array_equal(left, right) else math.inf
    a, b = left.astype(np.float64), right.astype(np.float64)
    finite = np.isfinite(a) & np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return math.inf
    a, b = a[finite], b[finite]
    scale = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    return float(np.abs(a - b).max(initial=0.0) / scale) if scale else 0.0


def _columns(path: Path) -> dict[str, NDArray[np.generic]]:
    """Of numbers, missing ones as NaN, where all are numbers; of texts otherwise."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return {name: _column([row[place] for row in rows]) for place, name in enumerate(header)}


def _column(cells: list[str]) -> NDArray[np.generic]:
    try:
        return np.array([float(cell or "nan") for cell in cells])
    except ValueError:
        return np.array(cells)


def _loaded(path: Path) -> dict[str, NDArray[np.generic]]:
    if path.suffix == ".safetensors":
        return dict(load_file(path))
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
