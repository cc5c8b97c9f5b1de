"""Hessian spectra of solutions of good, middling and bad test accuracy (E5, the paper's Fig. 2)."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.reporting.solutions import Label, solutions, with_measurement
from lossbasins.volume import log_inverse_volume

Array = npt.NDArray[np.floating]
Spectra = Mapping[str, npt.NDArray[np.generic]]
"""The spectra of a run: `replica` (R,) and `eigenvalues` (R, P)."""

ROLES = ("good", "middling", "bad")
"""Solutions of the highest, the median and the lowest test accuracy."""
COUNTS = ["parameters", "negative", "zero", "positive"]


def spectrum_table(
    labels: Sequence[Label], evaluations: Sequence[pd.DataFrame], spectra: Sequence[Spectra], top: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The spectrum of every solution in numbers, and three of them in full.

    Args:
        labels: the columns that identify each run.
        evaluations: one per run, in the same order; see `solutions`.
        spectra: one per run, with every fitted replica.
        top: the k of the log inverse volume.

    Returns:
        One row per replica, with `role` (missing but for the three) and `left_out`; and the eigenvalues of the three in
        long form: role, rank (1 is the largest) and eigenvalue.

    Raises:
        ValueError: a fitted replica has no spectrum.
    """
    frame = solutions(labels, evaluations)
    frame = with_measurement(frame, labels, [spectrum_numbers(run, top) for run in spectra], "left_out")
    frame[COUNTS] = frame[COUNTS].astype("Int64")
    frame["role"] = roles(frame["test_accuracy"], frame["left_out"])
    chosen = [(role, frame[frame["role"] == role]) for role in ROLES]
    eigenvalues = [
        pd.DataFrame({"role": role, "rank": np.arange(1, values.size + 1), "eigenvalue": values})
        for role, rows in chosen
        for run, replica in zip(rows["run"], rows["replica"], strict=True)
        for values in [_descending(spectra[run], replica)]
    ]
    nothing = pd.DataFrame({"role": [], "rank": [], "eigenvalue": []})
    return frame.drop(columns="run"), pd.concat(eigenvalues) if eigenvalues else nothing


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


def roles(test_accuracy: pd.Series, left_out: pd.Series) -> pd.Series:
    """Which solutions to show: those of the highest, the (lower) median and the lowest test accuracy.

    Among equals the first row counts as the lower one. Two solutions are good and bad, one alone is good.

    Args:
        test_accuracy: one per solution.
        left_out: missing where a solution may be chosen.

    Returns:
        One of `ROLES` for three of the rows, missing for all others.
    """
    ranking = test_accuracy[left_out.isna()].sort_values(kind="stable").index
    result = pd.Series(pd.NA, index=test_accuracy.index, dtype="str")
    if len(ranking) >= 3:
        result[ranking[(len(ranking) - 1) // 2]] = "middling"
    result[ranking[:1]] = "bad"
    result[ranking[-1:]] = "good"
    return result


def _numbers(eigenvalues: Array, top: int) -> tuple[float | str | None, ...]:
    if not np.isfinite(eigenvalues).all():
        return (*[np.nan] * 7, "eigenvalues not finite")
    counts = signs(eigenvalues)
    if counts[2] < top:
        return (*[np.nan] * 7, f"fewer than {top} positive eigenvalues")
    volume = log_inverse_volume(eigenvalues, top)
    return (volume, eigenvalues.size, *counts, float(eigenvalues.min()), float(eigenvalues.max()), None)


def _descending(spectra: Spectra, replica: int) -> npt.NDArray[np.generic]:
    return np.sort(spectra["eigenvalues"][spectra["replica"] == replica][0])[::-1]
