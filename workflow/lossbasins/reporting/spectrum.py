"""Hessian spectra in numbers."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.volume import log_inverse_volume

Array = npt.NDArray[np.floating]
Spectra = Mapping[str, npt.NDArray[np.generic]]
"""The spectra of a run: `replica` (R,) and `eigenvalues` (R, P)."""

COUNTS = ["parameters", "negative", "zero", "positive"]


def spectrum_numbers(spectra: Spectra, top: int) -> pd.DataFrame:
    """The spectra of a run in numbers.

    Args:
        spectra: `replica` (R,) and `eigenvalues` (R, P).
        top: the k of the log inverse volume.

    Returns:
        One row per replica: replica, log_inverse_volume (natural logarithm), parameters, negative, zero and positive
        (counts, see `signs`), smallest, largest, and `reason` why the values are missing: too few eigenvalues that are
        positive beyond rounding, or some that are not finite.
    """
    columns = ["replica", "log_inverse_volume", *COUNTS, "smallest", "largest", "reason"]
    rows = [
        (replica, *_numbers(np.asarray(values, dtype=np.result_type(values, np.float32)), top))
        for replica, values in zip(spectra["replica"], spectra["eigenvalues"], strict=True)
    ]
    return pd.DataFrame(rows, columns=columns).astype(
        {"replica": np.int64, "log_inverse_volume": np.float64, "reason": "str"}
    )


def signs(eigenvalues: Array) -> tuple[int, int, int]:
    """How many eigenvalues are negative, zero within rounding, and positive.

    Zero is what lies within P eps max|lambda|, the error that a backward stable solver may make, with the eps of the
    array's own precision.

    Args:
        eigenvalues: shape (P,).
    """
    rounding = eigenvalues.size * np.finfo(eigenvalues.dtype).eps * np.abs(eigenvalues).max()
    negative, positive = int((eigenvalues < -rounding).sum()), int((eigenvalues > rounding).sum())
    return negative, eigenvalues.size - negative - positive, positive


def _numbers(eigenvalues: Array, top: int) -> tuple[float | str | None, ...]:
    if not np.isfinite(eigenvalues).all():
        return (*[np.nan] * 7, "eigenvalues not finite")
    counts = signs(eigenvalues)
    if counts[2] < top:
        return (*[np.nan] * 7, f"fewer than {top} positive eigenvalues")
    volume = log_inverse_volume(eigenvalues, top)
    return (volume, eigenvalues.size, *counts, float(eigenvalues.min()), float(eigenvalues.max()), None)
