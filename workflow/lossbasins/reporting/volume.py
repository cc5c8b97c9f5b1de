"""What is measured of solutions in tables of basin volumes, and how their groups are called."""

import pandas as pd

MEASURES = ("log_inverse_volume", "frobenius_norm")
ALL, GIVEN_LOSS = "all", "given_loss"
"""Groups of correlations: all solutions; all, with the training loss held fixed."""


def measures_of(points: pd.DataFrame) -> list[str]:
    """The measures that a frame of points has."""
    return [measure for measure in MEASURES if measure in points]
