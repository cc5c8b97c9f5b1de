"""Replicas of several runs as one frame, with the reasons why some are left out."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

Label = Mapping[str, str | float | int]

REASONS = {"not_fitted": "not fitted", "diverged": "diverged"}
"""Why a replica of this status appears in no figure."""


def stacked(labels: Sequence[Label], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames of several runs under each other, with the columns that identify each run in front.

    Args:
        labels: one per run.
        frames: one per run, in the same order, all with the same columns.

    Returns:
        Rows in the order of the runs; `run` is the position of the run.

    Raises:
        ValueError: the numbers of labels and frames differ.
    """
    labelled = [
        frame.assign(run=run, **label)[["run", *label, *frame.columns]]
        for run, (label, frame) in enumerate(zip(labels, frames, strict=True))
    ]
    # Without rows a frame's columns have no type of their own and would turn the others' whole numbers into floats.
    return pd.concat([frame for frame in labelled if len(frame)] or labelled[:1], ignore_index=True)


def solutions(labels: Sequence[Label], evaluations: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row per replica of every run.

    Args:
        labels: the columns that identify each run.
        evaluations: one per run, in the same order, with replica, status, test_accuracy and what else was measured.

    Returns:
        The stacked evaluations with `left_out`: why a replica appears in no figure, missing if it does.

    Raises:
        ValueError: the numbers of labels and evaluations differ, or a status is unknown.
    """
    frame = stacked(labels, evaluations)
    unknown = sorted(set(frame["status"]) - {"ok", *REASONS})
    if unknown:
        raise ValueError(f"status {unknown[0]!r}: allowed are ok, {', '.join(REASONS)}")
    reasons = frame["status"].map(REASONS)
    unmeasured = reasons.isna() & ~np.isfinite(frame["test_accuracy"])
    return frame.assign(left_out=reasons.mask(unmeasured, "test accuracy not finite").astype("str"))


def with_measurement(
    frame: pd.DataFrame, labels: Sequence[Label], measurements: Sequence[pd.DataFrame], left_out: str
) -> pd.DataFrame:
    """Adds what was measured at each fitted replica.

    Args:
        frame: from `solutions`.
        labels: the columns that identify each run.
        measurements: one per run, with replica, the values, and `reason`: why they are missing, itself missing if not.
        left_out: name of the column for the reasons, both those of the solution and those of the measurement.

    Returns:
        The frame with the columns of the measurements; values of replicas that are left out are missing.

    Raises:
        ValueError: a fitted replica was not measured.
    """
    values = stacked([{} for _ in labels], measurements)
    merged = frame.merge(values, how="left", on=["run", "replica"], validate="one_to_one", indicator="measured")
    missing = merged[(merged["measured"] == "left_only") & (merged["status"] == "ok")]
    if len(missing):
        first = missing.iloc[0]
        raise ValueError(
            f"replica {first['replica']} of {first['optimizer']}, attack {first['attack']}, is fitted, "
            f"but {', '.join(values.columns[2:-1])} of it are missing: measure this run again"
        )
    merged[left_out] = merged["left_out"].fillna(merged["reason"]).astype("str")
    added = [name for name in values.columns[2:] if name != "reason"]
    kept = merged[left_out].isna()
    shown = {name: merged[name].where(kept) for name in added}
    return merged.assign(**shown).drop(columns=["reason", "measured"])


def data_note(frame: pd.DataFrame) -> str:
    """What the images are that solutions were trained and tested on, as a sentence without its full stop.

    Args:
        frame: of solutions, each with what there is to say of its `data`.
    """
    return f"Data: {'; '.join(frame['data'].unique())}"


def left_out_note(reasons: pd.Series) -> str:
    """How many solutions are left out and why, as a sentence without its full stop.

    Args:
        reasons: one per solution, missing where it is not left out.
    """
    counts = reasons.value_counts().sort_index()
    considered = "1 solution" if len(reasons) == 1 else f"{len(reasons)} solutions"
    if not counts.sum():
        return f"{considered}, none left out"
    causes = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    return f"{considered}, {counts.sum()} left out ({causes})"
