"""Whether all initialisations generalise alike (E3)."""

import pandas as pd

from lossbasins.reporting.evidence import ROOT, Evidence


def initialization(spread: pd.DataFrame, _: float) -> list[Evidence]:
    """The best minus the worst mean test accuracy of an initialisation, for each case.

    Args:
        spread: from `lossbasins.experiments.initialization.numbers.initialization_spread`.
    """
    return [
        Evidence(
            f"{row['dataset']}, {row['model']}",
            row["difference"],
            row["low"],
            row["high"],
            row["reason"] if isinstance(row["reason"], str) else f"{row['confidence']:.0%} (Tukey)",
            row["solutions"],
            ROOT,
        )
        for row in spread.to_dict("records")
    ]
