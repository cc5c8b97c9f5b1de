"""What is measured of solutions in tables of basin volumes, and how their groups are called."""

import numpy as np
import numpy.typing as npt
import pandas as pd

MEASURES = ("log_inverse_volume", "frobenius_norm")
ALL, GIVEN_LOSS, WITHIN = "all", "given_loss", "within"
"""Groups of correlations: all solutions; all, with the training loss held fixed; those of one cell, pooled."""
POOLED = (ALL, GIVEN_LOSS, WITHIN)
"""All of them that are of no single attack setting."""
CELL = ["init", "optimizer", "attack"]
"""What solutions of one cell have in common."""


def measures_of(points: pd.DataFrame) -> list[str]:
    """The measures that a frame of points has."""
    return [measure for measure in MEASURES if measure in points]


def cell_numbers(shown: pd.DataFrame) -> npt.NDArray[np.int_]:
    """Of each solution the number of its cell."""
    return np.asarray(shown.groupby(CELL, sort=False).ngroup(), dtype=np.int_)
