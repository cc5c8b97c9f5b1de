"""Which rank correlations a number of solutions could have shown."""

import numpy as np
import numpy.typing as npt
from scipy import stats

POWER = 0.8
"""How often a correlation of the smallest size that is shown would be seen."""


def smallest_shown(sizes: npt.ArrayLike, confidence: float, power: float = POWER) -> float:
    r"""The smallest |tau| that groups of solutions could have told from zero.

    Without ties and correlation, Kendall's S, pairs in one order less those in the other, has in n solutions the
    variance :math:`n (n - 1) (2 n + 5) / 18` (Kendall, Rank Correlation Methods, section 4), which adds up over groups.
    Its normal approximation tells :math:`\tau` from zero, on both sides and at this confidence, in the share `power`
    of samples if

    .. math:: |\tau| \ge (z_{(1 + c) / 2} + z_{power}) \,
        \frac{\sqrt{\sum_g n_g (n_g - 1) (2 n_g + 5) / 18}}{\sum_g n_g (n_g - 1) / 2},

    a little on the careful side, since a correlation makes S vary less.

    Args:
        sizes: solutions in each group.
        confidence: between 0 and 1.
        power: between 0 and 1.

    Returns:
        NaN where not even a perfect order would be shown.
    """
    n = np.asarray(sizes, dtype=np.float64)
    pairs = (n * (n - 1) / 2).sum()
    if not pairs:
        return float("nan")
    deviation = np.sqrt((n * (n - 1) * (2 * n + 5) / 18).sum()) / pairs
    smallest = float((stats.norm.ppf((1 + confidence) / 2) + stats.norm.ppf(power)) * deviation)
    return smallest if smallest <= 1 else float("nan")
