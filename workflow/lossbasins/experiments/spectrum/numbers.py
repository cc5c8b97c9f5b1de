"""Hessian spectra of solutions of good, middling and bad test accuracy (E5, the paper's Fig. 2)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.reporting.formats import Column, Printed, decimals, percent, significant
from lossbasins.reporting.roles import ROLES, roles
from lossbasins.reporting.solutions import Label, data_note, left_out_note, solutions, with_measurement
from lossbasins.reporting.spectrum import COUNTS, Spectra, spectrum_numbers


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


def printed_spectrum(frame: pd.DataFrame, top: int) -> Printed:
    """The three chosen solutions.

    Args:
        frame: one row per replica, from `spectrum_table`.
        top: the k of the log inverse volume.
    """
    chosen = pd.concat([frame[frame["role"] == role] for role in ROLES])
    columns = [
        Column("role", "solution"),
        Column("optimizer", "optimizer"),
        Column("attack", "attack"),
        Column("replica", "replica"),
        Column("test_accuracy", "test accuracy (%)", percent),
        Column("train_loss", "training loss L_S", significant(3)),
        Column("gradient_norm", "|grad L_S|", significant(3)),
        Column("weight_norm", "|w|", significant(3)),
        Column("largest", "largest eigenvalue", significant(3)),
        Column("smallest", "smallest eigenvalue", significant(3)),
        Column("negative", "negative"),
        Column("zero", "zero"),
        Column("parameters", "of"),
        Column("log_inverse_volume", f"log V^-1({top})", decimals(1)),
    ]
    note = (
        f"Highest, median and lowest test accuracy among {left_out_note(frame['left_out'])}. "
        "Eigenvalues of the Hessian of the mean training loss; zero is within the rounding of the solver; "
        f"natural logarithm. {data_note(frame)}."
    )
    return Printed(chosen, columns, note)


def _descending(spectra: Spectra, replica: int) -> npt.NDArray[np.generic]:
    return np.sort(spectra["eigenvalues"][spectra["replica"] == replica][0])[::-1]
