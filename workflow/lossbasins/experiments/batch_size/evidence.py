"""Whether full batches generalise as mini batches do (E2)."""

import numpy as np
import pandas as pd

from lossbasins.reporting.evidence import Evidence


def batch_size(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The difference of full and mini batches over the gap to attacked solutions, for each model.

    Args:
        table: from `lossbasins.experiments.batch_size.numbers.batch_size_table`.
    """
    found = []
    for row in table.to_dict("records"):
        ends = np.abs([row["difference_low"], row["difference_high"]])
        least = 0.0 if row["difference_low"] < 0 < row["difference_high"] else ends.min()
        where, value = f"{row['dataset']}, {row['model']}", abs(row["difference"]) / row["gap"]
        if row["gap_low"] > 0:
            found.append(
                Evidence(where, value, least / row["gap_high"], ends.max() / row["gap_low"], "of both intervals")
            )
        else:
            reasons = [reason for reason in (row["difference_reason"], row["gap_reason"]) if isinstance(reason, str)]
            found.append(Evidence(where, np.nan, np.nan, np.nan, next(iter(reasons), "the gap may be zero")))
    return found
