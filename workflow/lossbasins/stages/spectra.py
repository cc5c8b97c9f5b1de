"""The spectra of a run's replicas, in their file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt


def read_spectra(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays `replica` (R,) and `eigenvalues` (R, P) of a `spectrum.npz`."""
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def write_spectra(
    path: Path, replicas: Sequence[int], eigenvalues: Sequence[npt.NDArray[np.float64]], size: int
) -> None:
    """Writes what `read_spectra` reads.

    Args:
        path: of the file.
        replicas: their numbers.
        eigenvalues: of each, shape (P,), ascending.
        size: P, also where no replica is fitted.
    """
    stacked = np.array(eigenvalues, dtype=np.float64).reshape(-1, size)
    with path.open("wb") as file:
        np.savez(file, replica=np.array(replicas, dtype=np.int64), eigenvalues=stacked)
