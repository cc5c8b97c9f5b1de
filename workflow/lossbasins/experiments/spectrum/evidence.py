"""Whether bad minima have larger eigenvalues (E5)."""

import numpy as np
import pandas as pd

from lossbasins.reporting.evidence import ROOT, Evidence
from lossbasins.reporting.welch import difference


def spectrum(table: pd.DataFrame, confidence: float) -> list[Evidence]:
    """The geometric mean of the largest eigenvalue of attacked solutions over that of unattacked ones.

    Args:
        table: one row per replica, from `lossbasins.experiments.spectrum.numbers.spectrum_table`.
        confidence: of the interval.
    """
    shown = table[table["left_out"].isna()]
    attacked = shown["attack"] != "none"
    bad, good = (np.log(shown.loc[chosen, "largest"].to_numpy(dtype=np.float64)) for chosen in (attacked, ~attacked))
    found = difference(bad, good, confidence)
    value, low, high = np.exp([found.value, found.low, found.high]).tolist()
    interval = found.reason or f"{confidence:.0%} (Welch, of logarithms)"
    return [Evidence("", value, low, high, interval, bad.size + good.size, ROOT, ratio=True)]
