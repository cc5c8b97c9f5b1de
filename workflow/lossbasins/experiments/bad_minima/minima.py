"""Bad minima by the way that they were made (E11)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lossbasins.reporting.formats import Column, Printed, percent, significant
from lossbasins.reporting.solutions import Label, data_note, left_out_note, solutions

MADE = ("unattacked", "attack term", "random labels first")
AT_BOTH = ("test_accuracy", "attack_accuracy", "train_loss", "weight_norm")
"""What is listed as trained and at one loss."""


def minima(labels: Sequence[Label], trained: Sequence[pd.DataFrame], matched: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row per solution.

    Args:
        labels: the columns that identify each run.
        trained: evaluations, one per run, in the same order.
        matched: of the same solutions at one loss.

    Returns:
        The evaluations at one loss with left_out, `made` (one of `MADE`), and what `AT_BOTH` names as `..._trained`.

    Raises:
        ValueError: the replicas of a run differ at the two points.
    """
    frame, before = (solutions(labels, evaluations) for evaluations in (matched, trained))
    if not frame[["run", "replica"]].equals(before[["run", "replica"]]):
        raise ValueError("the replicas as trained and at one loss differ: polish them again")
    weight = frame["attack_weight"]
    frame["made"] = np.select([weight == 0, weight > 0], MADE[:2], MADE[2])
    return frame.assign(**{f"{name}_trained": before[name] for name in AT_BOTH}).drop(columns="run")


def printed_minima(frame: pd.DataFrame) -> Printed:
    """A row for each run, its fitted solutions at one loss.

    Args:
        frame: from `minima`.
    """
    rows = []
    identity = ["dataset", "model", "init", "optimizer", "made", "attack"]
    for names, members in frame.groupby(identity, sort=False):
        shown = members[members["left_out"].isna()]
        row = dict(zip(identity, names, strict=True)) | {"fitted": f"{len(shown)} of {len(members)}"}
        row |= {name: shown[name].median() for name in (*AT_BOTH, "test_accuracy_trained", "attack_accuracy_trained")}
        if len(shown):
            row["span"] = f"{percent(shown['test_accuracy'].min())} to {percent(shown['test_accuracy'].max())}"
        rows.append(row)
    columns = [
        Column("dataset", "data"),
        Column("model", "model"),
        Column("optimizer", "optimizer"),
        Column("made", "made by"),
        Column("attack", "attack"),
        Column("fitted", "fitted"),
        Column("test_accuracy_trained", "test accuracy as trained (%)", percent),
        Column("attack_accuracy_trained", "attack accuracy as trained (%)", percent),
        Column("test_accuracy", "test accuracy (%)", percent),
        Column("span", "from least to largest (%)"),
        Column("train_loss", "L_S", significant(3)),
        Column("weight_norm", "|w|", significant(3)),
    ]
    note = (
        f"Medians over the solutions that classify every training image right, brought to one L_S by descending L_S "
        f"alone but for the columns that say as trained. {left_out_note(frame['left_out'])}. {data_note(frame)}."
    )
    return Printed(pd.DataFrame(rows), columns, note)
