"""Whether basins of bad minima are smaller, and random starts end in them (E8)."""

import numpy as np
import pandas as pd
from scipy import stats

from lossbasins.experiments.basin_ratio.starts import ALL
from lossbasins.reporting.evidence import ALONE, ROOT, Evidence


def basin_ratio(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The ratio of volumes at the largest k, under each protocol.

    Args:
        table: from `lossbasins.experiments.basin_ratio.ratio.basin_ratio`.
    """
    found = []
    for protocol, curve in table.groupby("protocol", sort=False):
        row = curve.iloc[-1]
        interval = f"middle {row['band']:.0%} of pairs" if row["k"] else "no pair"
        where = f"{protocol}, k = {row['k']}" if row["k"] else str(protocol)
        solutions = row["good"] + row["bad"]
        if row["k"] and min(row["good"], row["bad"]) == 1:
            found.append(Evidence(where, row["median"], np.nan, np.nan, ALONE, solutions))
            continue
        found.append(Evidence(where, row["median"], row["low"], row["high"], interval, solutions))
    return found


def starts(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The share of random starts that end below the stated test accuracy, between its one-sided exact bounds.

    Args:
        table: from `lossbasins.experiments.basin_ratio.starts.shares`.
    """
    row = table[table["init"] == ALL].iloc[0]
    if not row["starts"]:
        return [Evidence("", np.nan, np.nan, np.nan, "no start")]
    above = stats.binomtest(int(row["bad"]), int(row["starts"]), alternative="greater")
    low = float(above.proportion_ci(confidence_level=row["confidence"], method="exact").low)
    interval = f"{row['confidence']:.0%} at each side (Clopper-Pearson)"
    # The bound of a share of zero falls as the number of starts, any other as its root.
    narrows = ROOT if row["bad"] else 1.0
    return [Evidence(f"{row['starts']} starts", row["share"], low, row["upper"], interval, row["starts"], narrows)]
