"""Which solutions stand for good, middling and bad ones."""

import pandas as pd

ROLES = ("good", "middling", "bad")
"""Solutions of the highest, the median and the lowest test accuracy."""


def roles(test_accuracy: pd.Series, left_out: pd.Series) -> pd.Series:
    """Which solutions to show: those of the highest, the (lower) median and the lowest test accuracy.

    Among equals the first row counts as the lower one. Two solutions are good and bad, one alone is good.

    Args:
        test_accuracy: one per solution.
        left_out: missing where a solution may be chosen.

    Returns:
        One of `ROLES` for three of the rows, missing for all others.
    """
    ranking = test_accuracy[left_out.isna()].sort_values(kind="stable").index
    result = pd.Series(pd.NA, index=test_accuracy.index, dtype="str")
    if len(ranking) >= 3:
        result[ranking[(len(ranking) - 1) // 2]] = "middling"
    result[ranking[:1]] = "bad"
    result[ranking[-1:]] = "good"
    return result
