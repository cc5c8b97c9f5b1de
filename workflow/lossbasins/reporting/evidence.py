"""What the tables of the study say of each of the paper's claims, as a number with an interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lossbasins.reporting.starts import ALL as ALL_STARTS
from lossbasins.reporting.volume import ALL, GIVEN_LOSS
from lossbasins.reporting.welch import difference
from lossbasins.specs.claims import Claim


@dataclass(frozen=True)
class Evidence:
    """What was measured of a claim in one place."""

    where: str
    """Model, case, protocol or pair of minima; empty if there is but one."""
    value: float
    low: float
    high: float
    interval: str
    """What its ends are, or why they are missing."""


def curve_fitting(table: pd.DataFrame) -> list[Evidence]:
    """Test errors of networks over those of attacked ones, all pairs of starts.

    Args:
        table: from `lossbasins.reporting.curve_fitting.fit_table`.
    """
    fitted = table[table["status"] == "ok"]
    network, attacked = (
        fitted.loc[fitted["family"] == family, "test_error"].to_numpy() for family in ("network", "attacked network")
    )
    return [_of_pairs("", np.divide.outer(network, attacked))]


def batch_size(table: pd.DataFrame) -> list[Evidence]:
    """The difference of full and mini batches over the gap to attacked solutions, for each model.

    Args:
        table: from `lossbasins.reporting.batch_size.batch_size_table`.
    """
    found = []
    for row in table.to_dict("records"):
        ends = np.abs([row["difference_low"], row["difference_high"]])
        least = 0.0 if row["difference_low"] < 0 < row["difference_high"] else ends.min()
        where, value = f"{row['dataset']}, {row['model']}", abs(row["difference"]) / row["gap"]
        if row["gap_low"] > 0:
            found.append(
                Evidence(where, value, least / row["gap_high"], ends.max() / row["gap_low"], "of both intervals")
            )
        else:
            reasons = [reason for reason in (row["difference_reason"], row["gap_reason"]) if isinstance(reason, str)]
            found.append(Evidence(where, np.nan, np.nan, np.nan, next(iter(reasons), "the gap may be zero")))
    return found


def initialization(spread: pd.DataFrame) -> list[Evidence]:
    """The best minus the worst mean test accuracy of an initialisation, for each case.

    Args:
        spread: from `lossbasins.reporting.initialization.initialization_spread`.
    """
    return [
        Evidence(
            f"{row['dataset']}, {row['model']}",
            row["difference"],
            row["low"],
            row["high"],
            row["reason"] if isinstance(row["reason"], str) else f"{row['confidence']:.0%} (Tukey)",
        )
        for row in spread.to_dict("records")
    ]


def two_layer_equality(table: pd.DataFrame) -> list[Evidence]:
    """The largest relative difference of the two sides of the equality, over all solutions and rescalings.

    Args:
        table: one row per solution and rescaling.
    """
    return [_exact("", table.loc[table["status"] == "ok", "equality_error"].max())]


def two_layer_bound(table: pd.DataFrame) -> list[Evidence]:
    """The largest share of its bound that the input gradient reaches, over all solutions and rescalings.

    Args:
        table: one row per solution and rescaling.
    """
    fitted = table[table["status"] == "ok"]
    return [_exact("", (fitted["input_gradient"] / fitted["bound"]).max())]


def spectrum(table: pd.DataFrame, confidence: float) -> list[Evidence]:
    """The geometric mean of the largest eigenvalue of attacked solutions over that of unattacked ones.

    Args:
        table: one row per replica, from `lossbasins.reporting.spectrum.spectrum_table`.
        confidence: of the interval.
    """
    shown = table[table["left_out"].isna()]
    attacked = shown["attack"] != "none"
    bad, good = (np.log(shown.loc[chosen, "largest"].to_numpy(dtype=np.float64)) for chosen in (attacked, ~attacked))
    found = difference(bad, good, confidence)
    value, low, high = np.exp([found.value, found.low, found.high]).tolist()
    return [Evidence("", value, low, high, found.reason or f"{confidence:.0%} (Welch, of logarithms)")]


def volume(comparisons: Mapping[str, pd.DataFrame]) -> list[Evidence]:
    """Kendall's tau of test accuracy and the log inverse volume, or the Frobenius norm of networks without spectra.

    Args:
        comparisons: by name, from `lossbasins.reporting.volume.correlations`.
    """
    found = []
    for name, table in comparisons.items():
        rows = table[(table["measure"] == table["measure"].iloc[0]) & table["group"].isin([ALL, GIVEN_LOSS])]
        for row in rows.to_dict("records"):
            where = f"{name}, {row['protocol']}" + (", at fixed loss" if row["group"] == GIVEN_LOSS else "")
            interval = row["reason"] if isinstance(row["reason"], str) else f"{row['confidence']:.0%} (bootstrap)"
            found.append(Evidence(where, row["tau"], row["low"], row["high"], interval))
    return found


def convex(table: pd.DataFrame) -> list[Evidence]:
    """The largest difference of eigenvalues over the largest eigenvalue, over all models, for each pair of minima.

    Args:
        table: from `lossbasins.reporting.convex.comparison_table`.
    """
    largest = table[["good_largest", "bad_largest"]].max(axis=1)
    relative = (table["difference"] / largest)[largest > 0]
    return [_exact(str(pair), share.max()) for pair, share in relative.groupby(table["pair"], sort=False)]


def basin_ratio(table: pd.DataFrame) -> list[Evidence]:
    """The ratio of volumes at the largest k, under each protocol.

    Args:
        table: from `lossbasins.reporting.basin_ratio.basin_ratio`.
    """
    found = []
    for protocol, curve in table.groupby("protocol", sort=False):
        row = curve.iloc[-1]
        interval = f"middle {row['band']:.0%} of pairs" if row["k"] else "no pair"
        where = f"{protocol}, k = {row['k']}" if row["k"] else str(protocol)
        found.append(Evidence(where, row["median"], row["low"], row["high"], interval))
    return found


def starts(table: pd.DataFrame) -> list[Evidence]:
    """The share of random starts that end below the stated test accuracy, between its one-sided exact bounds.

    Args:
        table: from `lossbasins.reporting.starts.shares`.
    """
    row = table[table["init"] == ALL_STARTS].iloc[0]
    if not row["starts"]:
        return [Evidence("", np.nan, np.nan, np.nan, "no start")]
    above = stats.binomtest(int(row["bad"]), int(row["starts"]), alternative="greater")
    low = float(above.proportion_ci(confidence_level=row["confidence"], method="exact").low)
    interval = f"{row['confidence']:.0%} at each side (Clopper-Pearson)"
    return [Evidence(f"{row['starts']} starts", row["share"], low, row["upper"], interval)]


def gathered(
    tables: Mapping[str, pd.DataFrame], comparisons: Mapping[str, pd.DataFrame], confidence: float
) -> dict[Claim, list[Evidence]]:
    """All that the study has to say, by claim.

    Args:
        tables: by experiment; of those that are not configured there is none.
        comparisons: of volumes, by name.
        confidence: of the intervals that are computed here.
    """
    sources: dict[Claim, tuple[str, Callable[[pd.DataFrame], list[Evidence]]]] = {
        "curve_fitting": ("curve_fitting", curve_fitting),
        "batch_size": ("batch_size", batch_size),
        "initialization": ("initialization", initialization),
        "two_layer_equality": ("two_layer", two_layer_equality),
        "two_layer_bound": ("two_layer", two_layer_bound),
        "spectrum": ("spectrum", lambda table: spectrum(table, confidence)),
        "convex": ("convex", convex),
        "basin_ratio": ("basin_ratio", basin_ratio),
        "starts": ("starts", starts),
    }
    found = {claim: measure(tables[name]) for claim, (name, measure) in sources.items() if name in tables}
    return found | {"volume": volume(comparisons)}


def _of_pairs(where: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Evidence:
    if not values.size:
        return Evidence(where, np.nan, np.nan, np.nan, "no pair")
    return Evidence(where, float(np.median(values)), float(values.min()), float(values.max()), "all pairs")


def _exact(where: str, value: float) -> Evidence:
    return Evidence(where, value, value, value, "largest of all")
