"""Whether bad basins are left at smaller kicks than good ones (E10)."""

import pandas as pd

from lossbasins.experiments.basin_stability.compared import RATIO, SCALES
from lossbasins.reporting.evidence import ROOT, Evidence


def basin_stability(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The ratio of the kicks at which half do not return, bad over good: each kind of kick, and each control.

    Args:
        table: from `lossbasins.experiments.basin_stability.compared.compared`.
    """
    found = []
    for row in table[table["statistic"] == RATIO].to_dict("records"):
        kind = "bootstrap" if row["group"] == "equal_norm" else "Mann and Whitney"
        interval = row["reason"] if isinstance(row["reason"], str) else f"{row['confidence']:.0%} ({kind})"
        where = f"{row['kind']}, {SCALES[row['group']]}"
        ends = row["value"], row["low"], row["high"]
        found.append(Evidence(where, *ends, interval, row["solutions"], ROOT, ratio=True))
    return found
