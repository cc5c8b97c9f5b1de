"""Whether full batches generalise as mini batches do (E2)."""

import numpy as np
import pandas as pd

from lossbasins.experiments.batch_size.numbers import GROUPS
from lossbasins.reporting.evidence import ROOT, Evidence


def batch_size(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The difference of full and mini batches over the gap to attacked solutions, for each model.

    Args:
        table: from `lossbasins.experiments.batch_size.numbers.batch_size_table`.
    """
    found = []
    for row in table.to_dict("records"):
        ends = np.abs([row["difference_low"], row["difference_high"]])
        least = 0.0 if row["difference_low"] < 0 < row["difference_high"] else ends.min()
        sizes = [row[f"{group}_solutions"] for group in GROUPS]
        counts = {"solutions": sum(sizes), "narrows": ROOT, "smallest": min(sizes)}
        where, value = f"{row['dataset']}, {row['model']}", abs(row["difference"]) / row["gap"]
        if row["gap_low"] > 0:
            low, high = least / row["gap_high"], ends.max() / row["gap_low"]
            found.append(Evidence(where, value, low, high, "of both intervals", **counts))
        else:
            reasons = [reason for reason in (row["difference_reason"], row["gap_reason"]) if isinstance(reason, str)]
            why = next(iter(reasons), "the gap may be zero")
            found.append(Evidence(where, np.nan, np.nan, np.nan, why, **counts))
    return found
