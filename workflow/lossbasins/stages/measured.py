"""What was measured of a run's replicas, in its file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[np.generic]]


def read_arrays(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The array `replica` (R,), and each array of a measure, such as `eigenvalues` (R, P)."""
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def write_arrays(path: Path, replicas: Sequence[int], names: Sequence[str], measured: Sequence[Arrays]) -> None:
    """Writes what `read_arrays` reads.

    Args:
        path: of the file.
        replicas: their numbers.
        names: of the arrays.
        measured: of each replica, arrays of these names, all of one shape.
    """
    stacked = {name: np.array([arrays[name] for arrays in measured]) for name in names}
    with path.open("wb") as file:
        np.savez(file, replica=np.array(replicas, dtype=np.int64), **stacked)  # type: ignore[arg-type]
