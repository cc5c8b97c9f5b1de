"""Whether networks of any depth fit without overfitting (E1)."""

import numpy as np
import pandas as pd

from lossbasins.reporting.evidence import Evidence, of_pairs


def curve_fitting(table: pd.DataFrame, _: float) -> list[Evidence]:
    """Test errors of networks over those of attacked ones, all pairs of starts.

    Args:
        table: from `lossbasins.experiments.curve_fitting.numbers.fit_table`.
    """
    fitted = table[table["status"] == "ok"]
    network, attacked = (
        fitted.loc[fitted["family"] == family, "test_error"].to_numpy() for family in ("network", "attacked network")
    )
    return [of_pairs("", np.divide.outer(network, attacked))]
