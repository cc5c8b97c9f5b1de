"""Whether bad solutions leave their basins at smaller kicks than good ones (E10)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.experiments.basin_stability.returns import SOLUTION, curve_of, drawn_halves, loss_at
from lossbasins.reporting.correlation import Correlation, kendall
from lossbasins.reporting.formats import Column, Printed, interval, significant
from lossbasins.reporting.shift import shift
from lossbasins.reporting.solutions import data_note, left_out_note

Array = npt.NDArray[np.float64]

RATIO, TAU = "ratio", "tau"
ALL, GIVEN_NORM = "all", "given_norm"
SCALES = {
    "share": "kick as a share of |w|",
    "length": "kick of the same length",
    "equal_norm": "pairs of equal |w|",
    "equal_loss": "L_S after the kick",
}
"""What the half kicks of a pair are compared in; the last three are controls."""
SMALLEST_PAIRED = 6
"""Fewer good or bad solutions in pairs of equal |w| than this get no interval of their ratio: at 3 and 3 one of 95 %
would miss in a fifth of cases (benchmarks/intervals.py)."""


def compared(
    frame: pd.DataFrame,
    curves: pd.DataFrame,
    *,
    norm_within: float,
    confidence: float,
    resamples: int,
    smallest_group: int,
    seed: int,
) -> pd.DataFrame:
    """Ratios of the kicks at which half do not return, and their rank correlation with test accuracy.

    Kicks beyond all radii count as the last one, a bound, which draws ratios towards 1. Intervals of ratios are exact
    (`lossbasins.reporting.shift.shift`, of logarithms). Among pairs of equal |w| alone, which that does not allow for,
    they are percentiles of resampled solutions, good and bad apart, each with a half radius drawn anew from what its
    kicks leave open.

    Args:
        frame: one row per solution and kind of kick, from `returns.half_radii`.
        curves: from `returns.return_curves`.
        norm_within: relative difference up to which two |w| count as equal.
        confidence: of the intervals, between 0 and 1.
        resamples: draws behind each.
        smallest_group: fewer solutions than this get no correlation.
        seed: of all draws.

    Returns:
        One row per kind of kick and comparison: kind, statistic, group, value, low, high, solutions, pairs, reason (why
        a number is missing) and confidence. `ratio`, a group for each of `SCALES`: half of a bad solution over that of
        a good one, the median of all pairs. `tau` of half and test accuracy: `all`, `given_norm` (partial, at fixed
        rank of |w|), and a group for each attack.
    """
    shown = frame[frame["left_out"].isna()]
    rows: list[dict[str, object]] = []
    for kind, members in shown.groupby("kind", sort=False):
        for group, correlation in _taus(members, str(kind), resamples, confidence, smallest_group, seed):
            row = {"kind": kind, "statistic": TAU, "group": group, "solutions": correlation.points}
            row |= {"value": correlation.tau, "low": correlation.low, "high": correlation.high}
            rows.append(row | {"reason": correlation.reason or None})
        good, bad = (_halves(members[members["role"] == role], curves, resamples, seed) for role in ("good", "bad"))
        for number, scale in enumerate(SCALES):
            rng = np.random.default_rng([seed, number, *str(kind).encode()])
            row = {"kind": kind, "statistic": RATIO, "group": scale, "solutions": len(good.norms) + len(bad.norms)}
            rows.append(row | _ratio(good, bad, scale, norm_within, confidence, rng))
    columns = ["kind", "statistic", "group", "value", "low", "high", "solutions", "pairs", "reason"]
    return pd.DataFrame(rows, columns=columns).assign(confidence=confidence)


def printed_comparisons(table: pd.DataFrame, frame: pd.DataFrame, norm_within: float) -> Printed:
    """One row per kind of kick and comparison.

    Args:
        table: from `compared`.
        frame: of the solutions.
        norm_within: relative difference up to which two |w| count as equal.
    """
    groups = {ALL: "all", GIVEN_NORM: "all, at fixed |w|", "none": "unattacked", **SCALES}
    names = {RATIO: "half kick, bad / good", TAU: "tau of half kick and test accuracy"}
    values = [
        interval(row["value"], row["low"], row["high"]) or f"({row['reason']})" for row in table.to_dict("records")
    ]
    shown = table.assign(group=table["group"].replace(groups), statistic=table["statistic"].map(names), value=values)
    columns = [
        Column("kind", "kick"),
        Column("statistic", "measured"),
        Column("group", "of"),
        Column("value", "value"),
        Column("solutions", "solutions"),
        Column("pairs", "pairs", significant(6)),
    ]
    once = frame.drop_duplicates(SOLUTION)
    roles = once["role"].value_counts()
    note = (
        f"Half kick: from which half do not return; a bound where it is beyond all kicks. "
        f"{roles.get('good', 0)} good and {roles.get('bad', 0)} bad solutions; equal |w|: within {norm_within:.0%}. "
        f"{table['confidence'].iloc[0]:.0%} intervals: of ratios Mann and Whitney's, of tau and of pairs of equal |w| "
        f"percentiles of resampled solutions. {left_out_note(once['left_out'])}. {data_note(frame)}."
    )
    return Printed(shown, columns, note)


@dataclass(frozen=True)
class _Halves:
    """Half kicks of n solutions: in each row the one found, and what the solution's kicks leave open."""

    norms: Array
    """|w|, shape (n,)."""
    radii: Array
    """Shares of |w|, shape (n, 1 + resamples), as are those below."""
    lengths: Array
    losses: Array
    """L_S after them."""

    def on(self, scale: str) -> Array:
        return {"length": self.lengths, "equal_loss": self.losses}.get(scale, self.radii)


def _halves(members: pd.DataFrame, curves: pd.DataFrame, resamples: int, seed: int) -> _Halves:
    radii, losses = np.empty((2, len(members), 1 + resamples))
    for row, solution in enumerate(members.to_dict("records")):
        curve = curve_of(solution, curves)
        radii[row] = [solution["half"], *drawn_halves(solution, curve, resamples, seed)]
        losses[row] = loss_at(radii[row], curve)
    norms = members["weight_norm"].to_numpy(dtype=np.float64)
    return _Halves(norms, radii, radii * norms[:, None], losses)


def _ratio(
    good: _Halves, bad: _Halves, scale: str, norm_within: float, confidence: float, rng: np.random.Generator
) -> dict[str, object]:
    """The median ratio of all pairs, those with |w| alike where the scale asks for it."""
    alike = np.abs(bad.norms[:, None] / good.norms - 1) <= norm_within
    paired = alike if scale == "equal_norm" else np.ones_like(alike)
    missing = {"value": np.nan, "low": np.nan, "high": np.nan, "pairs": int(paired.sum())}
    if not paired.any():
        return missing | {"reason": "no pair"}

    def median(of_bad: npt.NDArray[np.int64], of_good: npt.NDArray[np.int64], column: int) -> float:
        ratios = np.log(bad.on(scale)[of_bad, column])[:, None] - np.log(good.on(scale)[of_good, column])
        chosen = ratios[paired[np.ix_(of_bad, of_good)]]
        return float(np.exp(np.median(chosen))) if chosen.size else np.nan

    bads, goods = len(bad.norms), len(good.norms)
    value = median(np.arange(bads), np.arange(goods), 0)
    if scale != "equal_norm":
        found = shift(np.log(bad.on(scale)[:, 0]), np.log(good.on(scale)[:, 0]), confidence)
        ends = {"low": float(np.exp(found.low)), "high": float(np.exp(found.high))}
        return missing | ends | {"value": value, "reason": found.reason or None}
    if min(paired.any(axis=0).sum(), paired.any(axis=1).sum()) < SMALLEST_PAIRED:
        reason = f"fewer than {SMALLEST_PAIRED} solutions of a kind in pairs, too few for an interval"
        return missing | {"value": value, "reason": reason}
    drawn = [
        median(rng.integers(0, bads, bads), rng.integers(0, goods, goods), column)
        for column in range(1, good.radii.shape[1])
    ]
    low, high = np.nanquantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return missing | {"value": value, "low": float(low), "high": float(high), "reason": None}


def _taus(
    members: pd.DataFrame, kind: str, resamples: int, confidence: float, smallest_group: int, seed: int
) -> Iterator[tuple[str, Correlation]]:
    for group in (ALL, GIVEN_NORM, *members["attack"].unique()):
        chosen = members if group in (ALL, GIVEN_NORM) else members[members["attack"] == group]
        yield (
            group,
            kendall(
                chosen["half"].to_numpy(dtype=np.float64),
                chosen["test_accuracy"].to_numpy(dtype=np.float64),
                given=chosen["weight_norm"].to_numpy(dtype=np.float64) if group == GIVEN_NORM else None,
                resamples=resamples,
                confidence=confidence,
                smallest_group=smallest_group,
                rng=np.random.default_rng([seed, *f"{kind}/{group}".encode()]),
            ),
        )
