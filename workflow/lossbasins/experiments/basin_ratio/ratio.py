"""How much smaller the basins of bad minima are than those of good ones (E8, sections 3.2 and 5.3)."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.reporting.formats import Column, Printed, decimals
from lossbasins.reporting.solutions import Label
from lossbasins.reporting.spectrum import Spectra, signs

Array = npt.NDArray[np.float64]

PRINTED_K = 10
"""Points of each curve in print."""


def basin_ratio(
    points: pd.DataFrame,
    labels: Sequence[Label],
    spectra: Mapping[str, Sequence[Spectra]],
    *,
    below: float,
    largest_k: int,
    band: float,
) -> pd.DataFrame:
    r"""Ratio of the volumes of all pairs of a bad and a good solution, against the number of eigenvalues.

    .. math:: \log_{10} \frac{V_\mathrm{bad}(k)}{V_\mathrm{good}(k)} =
        \sum_{i \le k} \log_{10} \frac{\lambda_i^\mathrm{good}}{\lambda_i^\mathrm{bad}}

    Good are unattacked solutions of at least the stated test accuracy, bad are attacked ones below it.

    Args:
        points: one row per replica and protocol, as the table of volumes has them.
        labels: the columns that identify each run.
        spectra: for each protocol one entry per run, in the order of the labels.
        below: test accuracy.
        largest_k: of the curve; it ends earlier where a solution has fewer eigenvalues positive beyond rounding.
        band: share of the pairs between its ends. A spread, no interval of confidence: pairs share their solutions.

    Returns:
        One row per protocol and k: protocol, k, good, bad (counts of solutions), low, median, high (powers of ten),
        below and band. A protocol without pairs has one row, with k = 0 and the ratio missing.
    """
    runs = pd.DataFrame(labels).assign(run=range(len(labels)))
    curves = []
    for protocol, compared in points.groupby("protocol", sort=False):
        shown = compared[compared["log_inverse_volume"].notna()].merge(runs, validate="many_to_one")
        attacked, bad = shown["attack"] != "none", shown["test_accuracy"] < below
        of_good, of_bad = (
            _eigenvalues(spectra[str(protocol)], members)
            for members in (shown[~attacked & ~bad], shown[attacked & bad])
        )
        curves.append(_curve(of_good, of_bad, largest_k, band).assign(protocol=protocol))
    frame = pd.concat(curves, ignore_index=True)
    return frame[["protocol", "k", "good", "bad", "low", "median", "high"]].assign(below=below, band=band)


def _eigenvalues(spectra: Sequence[Spectra], members: pd.DataFrame) -> list[Array]:
    return [
        np.asarray(spectra[run]["eigenvalues"][spectra[run]["replica"] == replica][0], dtype=np.float64)
        for run, replica in zip(members["run"], members["replica"], strict=True)
    ]


def _curve(good: Sequence[Array], bad: Sequence[Array], largest_k: int, band: float) -> pd.DataFrame:
    counts = {"good": len(good), "bad": len(bad)}
    if not good or not bad:
        return pd.DataFrame([{"k": 0, **counts, "low": np.nan, "median": np.nan, "high": np.nan}])
    k = min(largest_k, *(signs(values)[2] for values in (*good, *bad)))
    volumes_good, volumes_bad = (
        np.array([-np.cumsum(np.log10(np.sort(values)[::-1][:k])) for values in members]) for members in (good, bad)
    )
    pairs = (volumes_bad[:, None] - volumes_good[None, :]).reshape(-1, k)
    low, median, high = np.quantile(pairs, [(1 - band) / 2, 0.5, (1 + band) / 2], axis=0)
    return pd.DataFrame({"k": np.arange(1, k + 1), **counts, "low": low, "median": median, "high": high})


def printed_basin_ratio(table: pd.DataFrame) -> Printed:
    """Ratios at ten values of k for each protocol.

    Args:
        table: from `lossbasins.experiments.basin_ratio.ratio.basin_ratio`.
    """
    chosen = pd.concat(
        [
            curve.iloc[np.unique(np.linspace(0, len(curve) - 1, PRINTED_K).round().astype(int))]
            for _, curve in table.groupby("protocol", sort=False)
        ]
    )
    columns = [
        Column("protocol", "protocol"),
        Column("good", "good"),
        Column("bad", "bad"),
        Column("k", "k"),
        Column("low", "low", decimals(1)),
        Column("median", "median", decimals(1)),
        Column("high", "high", decimals(1)),
        Column("half", "half the median", decimals(1)),
    ]
    settings = table.iloc[0]
    chosen = chosen.assign(half=chosen["median"] / 2)
    note = (
        f"log10 of V(bad) / V(good), V the product of the inverses of the k largest eigenvalues, over all pairs of an "
        f"attacked solution below {settings['below']:.0%} test accuracy and an unattacked one not below it; low and "
        f"high hold the middle {settings['band']:.0%} of the pairs. Half: a volume at a given loss goes with the "
        f"inverse roots of the eigenvalues. Without a pair there is no ratio."
    )
    return Printed(chosen, columns, note)
