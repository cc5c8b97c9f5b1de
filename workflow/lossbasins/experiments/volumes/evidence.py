"""Whether solutions in larger basins generalise better (E6)."""

import pandas as pd

from lossbasins.reporting.evidence import ROOT, Evidence
from lossbasins.reporting.protocols import MATCHED
from lossbasins.reporting.volume import ALL, GIVEN_LOSS


def volume(table: pd.DataFrame, _: float) -> list[Evidence]:
    """Kendall's tau of test accuracy and the log inverse volume, or the Frobenius norm of networks without spectra.

    Held fixed, the loss says nothing more of solutions that were brought to one: what is left of it is where a search
    happened to end.

    Args:
        table: from `lossbasins.experiments.volumes.numbers.correlations`.
    """
    found = []
    rows = table[(table["measure"] == table["measure"].iloc[0]) & table["group"].isin([ALL, GIVEN_LOSS])]
    for row in rows[(rows["protocol"] != MATCHED) | (rows["group"] == ALL)].to_dict("records"):
        where = str(row["protocol"]) + (", at fixed loss" if row["group"] == GIVEN_LOSS else "")
        interval = row["reason"] if isinstance(row["reason"], str) else f"{row['confidence']:.0%} (bootstrap)"
        found.append(Evidence(where, row["tau"], row["low"], row["high"], interval, row["solutions"], ROOT))
    return found
