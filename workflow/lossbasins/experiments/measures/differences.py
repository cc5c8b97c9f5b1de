"""How much smaller basins of bad minima are at one loss, in nats: the paper's claim, directly (E9)."""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.experiments.measures.numbers import NOT_MEASURED, eigenvalues_of
from lossbasins.experiments.measures.specs import MeasureChoices
from lossbasins.reporting.shift import shift
from lossbasins.reporting.spectrum import Spectra, signs

Array = npt.NDArray[np.float64]

ALL = "all"
"""Pairs of any optimizers."""
HALF_SUM = "half_log_inverse_volume"
"""Half the sum of the logarithms of the largest eigenvalues."""
FREE_ENERGY, BESIDE = "free energy", "beside"
PAIR = ["optimizer", "attack", "replica", "test_accuracy", "value", "standard_error"]
PAIRS = ["quantity", *(f"{name}_{side}" for side in ("good", "bad") for name in PAIR), "difference", "error"]


def half_sums(frame: pd.DataFrame, spectra: Sequence[Spectra], largest_k: int) -> pd.DataFrame:
    r"""Half the sum of logarithms of the k largest eigenvalues, of each solution at one loss.

    The volume of {L_S <= c} in k directions of a quadratic basin goes with the product of
    :math:`\lambda_i^{-1/2}`. k is at most largest_k, and such that all are positive beyond
    rounding at every solution.

    Args:
        frame: the solutions, with `left_out`.
        spectra: one per run; none where there are none.
        largest_k: of the eigenvalues.

    Returns:
        The frame's solutions that are not left out with value, standard_error (0) and measure; none without spectra.
    """
    shown = frame[frame["left_out"].isna()]
    if not spectra or shown.empty:
        return shown[:0].assign(measure=HALF_SUM, value=0.0, standard_error=0.0)
    eigenvalues = [eigenvalues_of(spectra, *one) for one in zip(shown["run"], shown["replica"], strict=True)]
    k = min(largest_k, *(signs(values)[2] for values in eigenvalues))
    sums = [float(np.log(np.sort(values)[::-1][:k]).sum()) / 2 for values in eigenvalues]
    return shown.assign(measure=HALF_SUM, value=sums, standard_error=0.0)


def pairs_of(matched: pd.DataFrame, below: float) -> pd.DataFrame:
    """Every pair of a good and a bad solution, for each quantity.

    Good are unattacked solutions of at least the stated test accuracy, bad are attacked ones below it.

    Args:
        matched: solutions at one loss with measure, value (nats), standard_error and left_out.
        below: test accuracy.

    Returns:
        One row per quantity and pair: both solutions, difference (nats of log V(good) / V(bad)) and its Monte-Carlo
        error.
    """
    shown = matched[matched["left_out"].isna()]
    attacked, low = shown["attack"] != "none", shown["test_accuracy"] < below
    columns = ["measure", *PAIR]
    good, bad = shown.loc[~attacked & ~low, columns], shown.loc[attacked & low, columns]
    both = good.merge(bad, on="measure", suffixes=("_good", "_bad")).rename(columns={"measure": "quantity"})
    difference = both["value_bad"] - both["value_good"]
    error = np.hypot(both["standard_error_bad"], both["standard_error_good"])
    return both.assign(difference=difference, error=error)[PAIRS]


def differences(pairs: pd.DataFrame, choices: MeasureChoices, measured: Collection[str]) -> pd.DataFrame:
    """The differences in short, over all pairs and over those of one optimizer.

    Args:
        pairs: from `pairs_of`.
        choices: which quantities are asked for, and how they are compared.
        measured: names of all measures; where no free energy is among them, none has a row.

    Returns:
        One row per quantity and group: quantity, role, group, good, bad (numbers of solutions), median with its
        interval (low and high, see `lossbasins.reporting.shift.shift`), band_low and band_high (which hold the middle
        of the pairs), error (median over the pairs), reason (why something is missing), confidence and band.
    """
    sampled = () if set(choices.free_energies).isdisjoint(measured) else choices.free_energies
    roles = dict.fromkeys(sampled, FREE_ENERGY) | dict.fromkeys((*choices.beside, HALF_SUM), BESIDE)
    rows = []
    for quantity, role in roles.items():
        members = pairs[pairs["quantity"] == quantity]
        same = members[members["optimizer_good"] == members["optimizer_bad"]]
        groups = {ALL: members} | {str(name): one for name, one in same.groupby("optimizer_good")}
        for group, chosen in groups.items():
            missing = "no pair" if quantity in (*measured, HALF_SUM) else NOT_MEASURED
            rows.append({"quantity": quantity, "role": role, "group": group} | _short(chosen, choices, missing))
    return pd.DataFrame(rows).assign(confidence=choices.confidence, band=choices.band)


def _short(pairs: pd.DataFrame, choices: MeasureChoices, missing: str) -> dict[str, object]:
    good, bad = (_values(pairs, side) for side in ("good", "bad"))
    found = shift(bad, good, choices.confidence)
    ends = [(1 - choices.band) / 2, (1 + choices.band) / 2]
    low, high = np.quantile(pairs["difference"], ends) if len(pairs) else (np.nan, np.nan)
    return {
        "good": good.size,
        "bad": bad.size,
        "median": found.value,
        "low": found.low,
        "high": found.high,
        "band_low": low,
        "band_high": high,
        "error": pairs["error"].median(),
        "reason": (found.reason if len(pairs) else missing) or None,
    }


def _values(pairs: pd.DataFrame, side: str) -> Array:
    """Of each solution once."""
    identity = [f"{name}_{side}" for name in ("optimizer", "attack", "replica")]
    return pairs.drop_duplicates(identity)[f"value_{side}"].to_numpy(dtype=np.float64)
