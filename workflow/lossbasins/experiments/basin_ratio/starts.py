"""How often training from a random start ends in a bad minimum (E8, section 3.2)."""

from collections.abc import Sequence

import pandas as pd
from scipy import stats

from lossbasins.reporting.formats import Column, Printed, percent, significant
from lossbasins.reporting.solutions import Label, data_note, left_out_note, solutions

ALL = "all"


def starts(labels: Sequence[Label], evaluations: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row per random start: the labels of its run, replica, status, test_accuracy, data and left_out.

    Args:
        labels: the columns that identify each run, all unattacked.
        evaluations: one per run, in the same order.
    """
    return solutions(labels, evaluations)[[*labels[0], "replica", "status", "test_accuracy", "data", "left_out"]]


def shares(frame: pd.DataFrame, below: float, confidence: float) -> pd.DataFrame:
    r"""The share of starts that end in a solution below a test accuracy, with its exact upper bound.

    The bound (Clopper and Pearson, 1934) is the largest share p with
    :math:`\sum_{i \le b} \binom{n}{i} p^i (1 - p)^{n - i} \ge 1 - \mathrm{confidence}`, where b of n starts end badly;
    one-sided, so that none of n still says something.

    Args:
        frame: from `starts`.
        below: test accuracy.
        confidence: of the bound, between 0 and 1.

    Returns:
        One row for all starts and one per init and optimizer: init, optimizer (both `all` in the first row), starts,
        left_out, bad, lowest (test accuracy), share and upper (missing without starts), below and confidence.
    """
    groups = [((ALL, ALL), frame), *frame.groupby(["init", "optimizer"], sort=False)]
    rows = []
    for (init, optimizer), members in groups:
        ended = members.loc[members["left_out"].isna(), "test_accuracy"]
        row = {"init": init, "optimizer": optimizer, "starts": len(ended), "left_out": len(members) - len(ended)}
        row |= {"bad": int((ended < below).sum()), "lowest": ended.min()}
        if len(ended):
            test = stats.binomtest(row["bad"], len(ended), alternative="less")
            row |= {
                "share": row["bad"] / len(ended),
                "upper": float(test.proportion_ci(confidence_level=confidence, method="exact").high),
            }
        rows.append(row)
    columns = ["init", "optimizer", "starts", "left_out", "bad", "lowest", "share", "upper"]
    return pd.DataFrame(rows, columns=columns).assign(below=below, confidence=confidence)


def printed_starts(frame: pd.DataFrame, table: pd.DataFrame) -> Printed:
    """How many random starts end below a test accuracy.

    Args:
        frame: from `lossbasins.experiments.basin_ratio.starts.starts`.
        table: from `lossbasins.experiments.basin_ratio.starts.shares`.
    """
    settings = table.iloc[0]
    columns = [
        Column("init", "initialisation"),
        Column("optimizer", "optimizer"),
        Column("starts", "starts"),
        Column("bad", f"below {settings['below']:.0%}"),
        Column("lowest", "lowest test accuracy (%)", percent),
        Column("share", "share", significant(2)),
        Column("upper", f"upper bound ({settings['confidence']:.0%})", significant(2)),
    ]
    note = (
        f"Unattacked: {left_out_note(frame['left_out'])}. One-sided bounds by Clopper and Pearson. {data_note(frame)}."
    )
    return Printed(table, columns, note)
