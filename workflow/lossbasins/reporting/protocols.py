"""The three protocols under which basin volumes are compared.

A solution of L_S + gamma L_A need not be a minimum of L_S, and a lower loss shrinks the Hessian, so the paper's
comparison is also made among solutions that fit their attack set as well, and among solutions brought to one L_S.
"""

import numpy as np
import pandas as pd

from lossbasins.reporting.volume import measures_of

RAW, INTERPOLATED, MATCHED = "raw", "interpolated", "matched"
PROTOCOLS = {
    RAW: "as trained",
    INTERPOLATED: "attack set fitted too",
    MATCHED: "brought to one loss",
}
"""Each with what it asks of a solution."""


def away_from_minima(points: pd.DataFrame, attack_accuracy: float, gradient_norm: float) -> pd.Series:
    """Why the protocol `interpolated` leaves a trained solution out, missing if it does not.

    Args:
        points: one row per solution, with attack_accuracy and gradient_norm.
        attack_accuracy: share of the attack set, with its wrong labels, that must be fitted; the unattacked have none.
        gradient_norm: |grad L_S| may be at most this.
    """
    unfitted = points["attack_accuracy"] < attack_accuracy
    steep = ~(points["gradient_norm"] <= gradient_norm)
    reasons = pd.Series(pd.NA, index=points.index, dtype="str")
    reasons[steep] = f"|grad L_S| above {gradient_norm:g}"
    reasons[unfitted] = f"attack accuracy below {attack_accuracy:.0%}"
    return reasons


def away_from_loss(points: pd.DataFrame, loss: float, within: float) -> pd.Series:
    """Why the protocol `matched` leaves a polished solution out, missing if it does not.

    Args:
        points: one row per solution, with train_loss.
        loss: L_S.
        within: relative difference from it that is allowed.
    """
    away = ~(np.abs(points["train_loss"] / loss - 1) <= within)
    reasons = pd.Series(pd.NA, index=points.index, dtype="str")
    reasons[away] = f"L_S not within {within:.0%} of {loss:g}"
    return reasons


def interpolated(points: pd.DataFrame, attack_accuracy: float, gradient_norm: float) -> pd.DataFrame:
    """Of trained solutions only those that are near a minimum of L_S and fit their attack set.

    Args:
        points: one row per replica, from `lossbasins.experiments.volumes.numbers.points`.
        attack_accuracy: as in `away_from_minima`.
        gradient_norm: as in `away_from_minima`.

    Returns:
        All rows; of the others the measures are missing, with the reason.
    """
    return _without(points, away_from_minima(points, attack_accuracy, gradient_norm))


def matched(points: pd.DataFrame, loss: float, within: float) -> pd.DataFrame:
    """Of polished solutions only those that have the stated L_S.

    Args:
        points: one row per replica, from `lossbasins.experiments.volumes.numbers.points`, of the polished point.
        loss: L_S.
        within: relative difference from it that is allowed.

    Returns:
        All rows; of the others the measures are missing, with the reason.
    """
    return _without(points, away_from_loss(points, loss, within))


def _without(points: pd.DataFrame, reasons: pd.Series) -> pd.DataFrame:
    """The points, without the measures of those for which there is a reason and was none before."""
    result = points.copy()
    for measure in measures_of(points):
        left_out = f"{measure}_left_out"
        result[left_out] = points[left_out].fillna(reasons).astype("str")
        result[measure] = points[measure].where(result[left_out].isna())
    if "standard_error" in result:
        result["standard_error"] = points["standard_error"].where(result["frobenius_norm_left_out"].isna())
    return result
