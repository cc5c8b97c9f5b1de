"""Whether bad basins are smaller as sampled, and whether volume explains more than the norm (E9)."""

import numpy as np
import pandas as pd

from lossbasins.experiments.measures.differences import ALL, FREE_ENERGY
from lossbasins.reporting.evidence import ROOT, Evidence


def sampled(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The median difference of free energies of a bad and a good solution at one loss, the least of all prior scales.

    The least of the lower ends and the least of the upper ends: the claim holds where it does at every scale, and fails
    where it does at one. A study that measures no free energy says nothing of it.

    Args:
        table: from `lossbasins.experiments.measures.differences.differences`.
    """
    return _least(
        table, ("low", "high"), "{confidence:.0%} (Mann and Whitney); value and ends each the least of the scales", ROOT
    )


def overwhelming(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The same difference with what holds the middle of the pairs, as in the ratio of volumes; see `sampled`."""
    return _least(
        table, ("band_low", "band_high"), "middle {band:.0%} of pairs; value and ends each the least of the scales"
    )


def beyond_norm(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The primary measure's tau within cells beyond what |w| explains.

    Where its p, corrected for all other measures, is no less than one minus the confidence, an interval on one side of
    zero is none. A study that does not measure the primary says nothing of it.

    Args:
        table: from `lossbasins.experiments.measures.numbers.rankings`.
    """
    row = table[table["primary"]].iloc[0]
    if row["solutions"] + row["left_out"] == 0:
        return []
    where, value, low, high = row["protocol"], row["beyond_norm"], row["beyond_norm_low"], row["beyond_norm_high"]
    if np.isnan(low):
        return [Evidence(where, value, low, high, f"{row['measure']}: {row['beyond_norm_reason']}", row["solutions"])]
    p = row["beyond_norm_corrected"]
    if (low > 0 or high < 0) and p >= 1 - row["confidence"]:
        return [Evidence(where, value, np.nan, np.nan, f"{row['measure']}: p = {p:.2g}, corrected", row["solutions"])]
    return [Evidence(where, value, low, high, f"{row['confidence']:.0%} (bootstrap)", row["solutions"], ROOT)]


def _least(table: pd.DataFrame, ends: tuple[str, str], interval: str, narrows: float = 0.0) -> list[Evidence]:
    rows = table[(table["role"] == FREE_ENERGY) & (table["group"] == ALL)]
    if rows.empty:
        return []
    value, low, high = (float(rows[name].min(skipna=False)) for name in ("median", *ends))
    missing = rows[rows[["low", "high"]].isna().any(axis=1)]
    if len(missing):
        row = missing.iloc[0]
        reason = f"{row['quantity']}: {row['reason']}"
        return [Evidence("matched", value, np.nan, np.nan, reason, row["good"] + row["bad"])]
    first = rows.iloc[0]
    return [Evidence("matched", value, low, high, interval.format(**first), first["good"] + first["bad"], narrows)]
