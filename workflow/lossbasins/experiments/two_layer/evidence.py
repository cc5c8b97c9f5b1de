"""Whether the theorem on two-layer networks holds (E4)."""

import pandas as pd

from lossbasins.reporting.evidence import Evidence, exact


def two_layer_equality(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The largest relative difference of the two sides of the equality, over all solutions and rescalings.

    Args:
        table: one row per solution and rescaling.
    """
    return [exact("", table.loc[table["status"] == "ok", "equality_error"].max())]


def two_layer_bound(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The largest share of its bound that the input gradient reaches, over all solutions and rescalings.

    Args:
        table: one row per solution and rescaling.
    """
    fitted = table[table["status"] == "ok"]
    return [exact("", (fitted["input_gradient"] / fitted["bound"]).max())]
