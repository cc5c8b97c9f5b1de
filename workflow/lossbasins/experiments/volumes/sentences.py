"""What test accuracy and the size of basins have to do with each other under each protocol, for the summary."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lossbasins.reporting.formats import interval, percent
from lossbasins.reporting.sentences import AGAINST, Said, side
from lossbasins.reporting.volume import ALL, POOLED, measures_of

NAMES = {"log_inverse_volume": "volume", "frobenius_norm": "Frobenius norm"}


def sentences(points: pd.DataFrame, correlations: pd.DataFrame) -> list[Said]:
    """One for each protocol, and one on what attack strength alone explains.

    Args:
        points: one row per replica and protocol.
        correlations: from `lossbasins.experiments.volumes.numbers.correlations`.
    """
    measures = measures_of(points)
    said = []
    for protocol, compared in points.groupby("protocol", sort=False):
        rows = correlations[(correlations["protocol"] == protocol) & (correlations["group"] == ALL)]
        taus = ", ".join(tau(row) for row in rows.to_dict("records"))
        text = f"{order(rows.iloc[0])}: {taus}, among {solutions(compared, measures[0])}"
        said.append(Said(str(protocol), text))
    return [*said, Said(AGAINST, within(correlations[correlations["measure"] == measures[0]]))]


def order(row: pd.Series) -> str:
    """What the interval of a correlation says; a measure is large where a basin is small."""
    if pd.isna(row["low"]):
        return "nothing can be told"
    return side(
        row["low"],
        row["high"],
        below="solutions in smaller basins generalise worse",
        above="solutions in smaller basins generalise better",
        both="no order of basins is seen",
    )


def tau(row: Mapping[Hashable, Any]) -> str:
    """The correlation of test accuracy and a measure."""
    number = interval(row["tau"], row["low"], row["high"])
    missing = f" ({row['reason']})" if isinstance(row["reason"], str) else ""
    return f"tau {number or 'unknown'} by {NAMES[row['measure']]}{missing}"


def solutions(points: pd.DataFrame, measure: str) -> str:
    """How many solutions are compared under a protocol, and the spans of their test accuracy.

    Args:
        points: of one protocol.
        measure: whose solutions are counted.
    """
    shown = points[points[measure].notna()]
    attacked = shown["attack"] != "none"
    spans = [
        f"{len(accuracies)} {name} ({percent(accuracies.min())} to {percent(accuracies.max())} %)"
        for name, accuracies in (
            ("unattacked", shown.loc[~attacked, "test_accuracy"]),
            ("attacked", shown.loc[attacked, "test_accuracy"]),
        )
        if len(accuracies)
    ]
    out = len(points) - len(shown)
    return f"{' and '.join(spans) or 'no'} solutions{f', {out} left out' if out else ''}"


def within(correlations: pd.DataFrame) -> str:
    """Whether the correlation is also there among solutions of one attack setting.

    Args:
        correlations: of one measure.
    """
    groups = correlations[~correlations["group"].isin(POOLED)]
    known = groups[groups["low"].notna()]
    if known.empty:
        return "solutions of one attack setting are too few to be compared, so attack strength may explain it all"
    seen = int((known["high"] < 0).sum())
    of = f"{seen} of {len(known)}" if seen else f"none of {len(known)}"
    return f"among solutions of one attack setting, {of} intervals of tau {'lies' if seen == 1 else 'lie'} below zero"
