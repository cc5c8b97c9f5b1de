"""How much smaller bad basins are, for the summary."""

import pandas as pd

from lossbasins.reporting.sentences import Said, side


def sentences(ratios: pd.DataFrame) -> list[Said]:
    """One for each protocol, at the largest number of eigenvalues.

    Args:
        ratios: from `lossbasins.experiments.basin_ratio.ratio`, a row per protocol and number of eigenvalues.
    """
    widest = ratios[ratios["k"] == ratios["k"].max()]
    return [Said(row["protocol"], ratio(row)) for _, row in widest.iterrows()]


def ratio(row: pd.Series) -> str:
    """The median of all pairs of a bad and a good solution, and whether nearly all say the same."""
    if pd.isna(row["median"]):
        return "no bad basin is there to be compared with a good one"
    size = "smaller" if row["median"] < 0 else "larger"
    told = f"bad basins are 10^{abs(row['median']):.0f} times {size} in the median of {row['good'] * row['bad']} pairs"
    return told + side(row["low"], row["high"], below="", above="", both=", though not in nearly all")
