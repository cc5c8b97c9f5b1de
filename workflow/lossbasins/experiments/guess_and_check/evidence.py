"""Whether random interpolators generalise as those that gradients find, and better with more images (E12)."""

import math

import pandas as pd

from lossbasins.reporting.evidence import ROOT, Evidence


def random_interpolators(table: pd.DataFrame, _: float) -> list[Evidence]:
    """By how much a gradient's networks are better than the volume's at equal normalised loss.

    Args:
        table: from `lossbasins.experiments.guess_and_check.numbers.count_table`.
    """
    compared = table[(table["level"] == "equal loss") & ~table["way"].isin(["volume", "guesses"])]
    return [
        _evidence(f"{row['images']} images, {row['way']}", row, "difference", "Welch, of runs and starts")
        for _, row in compared.iterrows()
    ]


def bad_interpolators(table: pd.DataFrame, _: float) -> list[Evidence]:
    """How the share of bad networks among the volume's changes from the fewest images to the most.

    Args:
        table: from `lossbasins.experiments.guess_and_check.numbers.count_table`.
    """
    fits = table[(table["way"] == "volume") & (table["level"] == "fits")].sort_values("images")
    where = f"{fits['images'].iloc[0]} to {fits['images'].iloc[-1]} images"
    return [_evidence(where, fits.iloc[-1], "bad_change", "Welch, of runs")]


def _evidence(where: str, row: pd.Series, name: str, interval: str) -> Evidence:
    value, low, high = (float(row[key]) for key in (name, f"{name}_low", f"{name}_high"))
    return Evidence(where, value, low, high, "no interval" if math.isnan(low) else interval, row["found"], ROOT)
