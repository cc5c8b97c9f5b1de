"""How hard a kick solutions come back from (E10): shares of returns, and the kick at which half do not return."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.experiments.basin_stability.kick_specs import KINDS
from lossbasins.reporting.formats import Column, Printed, percent, significant
from lossbasins.reporting.solutions import Label, data_note, left_out_note, solutions, stacked

Array = npt.NDArray[np.float64]

REACHED = ("reached", "below_target")
"""Descents that ended at the target loss."""
SOLUTION = ["run", "replica"]
ABOVE, BELOW = "above", "below"
"""All radii: more than half return even from the largest kicks, or not even from the smallest."""
ROLES = ("good", "bad")


def return_curves(
    labels: Sequence[Label],
    evaluations: Sequence[pd.DataFrame],
    kicks: Sequence[pd.DataFrame],
    *,
    loss: float,
    within: float,
    below: float,
    loss_within: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What became of each solution's kicks.

    A solution has come back if it descended to the target loss and its test accuracy then differs by at most `within`
    from that before the kick, to either side.

    Args:
        labels: the columns that identify each run.
        evaluations: one per run, in the same order, of the solutions before their kicks.
        kicks: one per run, with every kick of every fitted replica, as the stage `kick` writes them.
        loss: target of the descents.
        within: difference of test accuracy.
        below: test accuracy: attacked solutions below it are bad, unattacked ones at or above it good.
        loss_within: relative difference from the loss beyond which a solution is left out.

    Returns:
        The solutions, one row each: their labels and evaluations, test_images, test_error (the binomial standard error
        of their test accuracy), role (`good`, `bad`, missing for those that are neither) and left_out. The curves, one
        row per solution that is not left out, kind and radius: run, replica, kind, radius, kicks, reached, returned
        (counts); medians of kicked_loss, kicked_test_accuracy, test_accuracy, change (of test accuracy), agreement and
        distance; lowest and highest test accuracy; and gradients (sum).
    """
    frame = solutions(labels, evaluations)
    away = ~(np.abs(frame["train_loss"] / loss - 1) <= loss_within)
    reasons = pd.Series(f"L_S not within {loss_within:.0%} of {loss:g}", index=frame.index, dtype="str").where(away)
    frame["left_out"] = frame["left_out"].fillna(reasons).astype("str")
    every = stacked([{} for _ in labels], kicks)
    frame["test_images"] = every["test_images"].iloc[0] if len(every) else np.nan
    accuracy = frame["test_accuracy"]
    frame["test_error"] = np.sqrt(accuracy * (1 - accuracy) / frame["test_images"])
    attacked, bad, shown = frame["attack"] != "none", accuracy < below, frame["left_out"].isna()
    frame["role"] = pd.Series(
        np.select([shown & attacked & bad, shown & ~attacked & ~bad], ["bad", "good"], ""), index=frame.index
    ).replace("", None)
    start = frame.loc[shown, [*SOLUTION, "test_accuracy"]].rename(columns={"test_accuracy": "start"})
    every = every.merge(start, on=SOLUTION, validate="many_to_one")
    change = every["test_accuracy"] - every["start"]
    reached = every["descent"].isin(REACHED)
    every = every.assign(change=change, reached=reached, returned=reached & came_back(change, within))
    curves = every.groupby([*SOLUTION, "kind", "radius"], sort=False).agg(
        kicks=("kick", "size"),
        reached=("reached", "sum"),
        returned=("returned", "sum"),
        kicked_loss=("kicked_loss", "median"),
        kicked_test_accuracy=("kicked_test_accuracy", "median"),
        test_accuracy=("test_accuracy", "median"),
        lowest=("test_accuracy", "min"),
        highest=("test_accuracy", "max"),
        change=("change", "median"),
        agreement=("agreement", "median"),
        distance=("distance", "median"),
        gradients=("gradients", "sum"),
    )
    return frame, curves.reset_index()


def came_back(change: pd.Series, within: float) -> pd.Series:
    """Whether test accuracies, whose differences from the start are given, are within; rounding counts for nothing."""
    return change.abs() <= within + 1e-12


def half_radii(
    frame: pd.DataFrame, curves: pd.DataFrame, *, confidence: float, resamples: int, seed: int
) -> pd.DataFrame:
    """The kick at which half do not return, of each solution and kind of kick.

    Args:
        frame: of the solutions, from `return_curves`.
        curves: likewise.
        confidence: of the intervals, between 0 and 1.
        resamples: draws behind each.
        seed: of the draws.

    Returns:
        One row per solution and kind of kick, in the order of the solutions: its columns; kind; half with low and
        high (shares of |w|); beyond (`above` or `below` all radii, where half is the last of them, a bound);
        loss_at_half (L_S after such a kick); medians at the largest radius of change (of test accuracy), agreement and
        distance; confidence. They are missing where the solution is left out.
    """
    table = frame.merge(pd.DataFrame({"kind": KINDS}), how="cross")
    rows: list[dict[Hashable, Any]] = []
    for solution in table.to_dict("records"):
        curve = curve_of(solution, curves)
        if curve.empty:
            rows.append({})
            continue
        half, beyond = crossing(monotone((curve["returned"] / curve["kicks"]).to_numpy()), curve["radius"].to_numpy())
        draws = drawn_halves(solution, curve, resamples, seed)
        low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
        row = {"half": float(half), "low": low, "high": high, "beyond": str(beyond) or None}
        row["loss_at_half"] = float(loss_at(half, curve))
        rows.append(row | curve.iloc[-1][["change", "agreement", "distance"]].to_dict())
    columns = ["half", "low", "high", "beyond", "loss_at_half", "change", "agreement", "distance"]
    return pd.concat([table, pd.DataFrame(rows, columns=columns)], axis=1).assign(confidence=confidence)


def curve_of(solution: Mapping[Hashable, Any], curves: pd.DataFrame) -> pd.DataFrame:
    """The rows of one solution and kind of kick, from the smallest radius on."""
    keys = [*SOLUTION, "kind"]
    return curves[(curves[keys] == [solution[key] for key in keys]).all(axis=1)]


def monotone(shares: Array) -> Array:
    """The closest shares that fall from left to right, by least squares (isotonic regression).

    Args:
        shares: shape (..., R).

    Returns:
        The same shape, by the max-min formula: the least of the means from any point before, each the largest over
        all ends after.
    """
    sums = np.concatenate([np.zeros((*shares.shape[:-1], 1)), np.cumsum(shares, axis=-1)], axis=-1)
    count = shares.shape[-1]
    result = np.empty_like(shares)
    for at in range(count):
        means = [
            np.max(
                [(sums[..., end + 1] - sums[..., begin]) / (end + 1 - begin) for end in range(at, count)],
                axis=0,
            )
            for begin in range(at + 1)
        ]
        result[..., at] = np.min(means, axis=0)
    return result


def crossing(shares: Array, radii: Array) -> tuple[Array, npt.NDArray[np.str_]]:
    """Where falling shares pass one half, between two radii on a line in the logarithm of the radius.

    Args:
        shares: shape (..., R), falling.
        radii: shape (R,), rising.

    Returns:
        Radii of shape (...), and which are `below` or `above` all radii, where they are the first or last; else empty.
    """
    under = shares < 0.5
    first = np.where(under.any(axis=-1), under.argmax(axis=-1), len(radii))
    after = np.clip(first, 1, len(radii) - 1)
    left, right = (np.take_along_axis(shares, (after - back)[..., None], -1)[..., 0] for back in (1, 0))
    passed = (left >= 0.5) & (right < 0.5)
    way = np.divide(left - 0.5, left - right, out=np.zeros_like(left), where=passed)
    logarithms = np.log(radii)
    between = np.exp(logarithms[after - 1] + way * (logarithms[after] - logarithms[after - 1]))
    ends = [first == 0, first == len(radii)]
    return np.select(ends, [radii[0], radii[-1]], between), np.select(ends, [BELOW, ABOVE], "")


def drawn_halves(solution: Mapping[Hashable, Any], curve: pd.DataFrame, resamples: int, seed: int) -> Array:
    """Radii of half the returns that agree with the kicks seen, shape (resamples,).

    Each share is drawn from its posterior under Jeffreys' prior, Beta(b + 1/2, n - b + 1/2) after b of n returns.

    Args:
        solution: and kind of kick; draws come from a stream of its own.
        curve: of it.
        resamples: how many.
        seed: of all solutions.
    """
    keys = ("dataset", "model", "init", "optimizer", "attack", "replica", "kind")
    rng = np.random.default_rng([seed, *"/".join(str(solution[key]) for key in keys).encode()])
    returned, kicks = curve["returned"].to_numpy(), curve["kicks"].to_numpy()
    shares = rng.beta(returned + 0.5, kicks - returned + 0.5, size=(resamples, len(curve)))
    return crossing(monotone(shares), curve["radius"].to_numpy())[0]


def loss_at(radius: Array, curve: pd.DataFrame) -> Array:
    """L_S after kicks of a radius: between medians at two radii, on a line in both logarithms."""
    losses = np.maximum.accumulate(curve["kicked_loss"].to_numpy())
    result: Array = np.exp(np.interp(np.log(radius), np.log(curve["radius"].to_numpy()), np.log(losses)))
    return result


def printed_returns(frame: pd.DataFrame, curves: pd.DataFrame, within: float) -> Printed:
    """Half radii and shares of returns, a row for each kind of kick, optimizer and attack.

    Args:
        frame: from `half_radii`.
        curves: from `return_curves`.
        within: difference of test accuracy that counts as a return.
    """
    rows: list[dict[Hashable, Any]] = []
    named = curves.merge(frame.drop_duplicates(SOLUTION)[[*SOLUTION, "optimizer", "attack"]], on=SOLUTION)
    for (kind, optimizer, attack), members in frame.groupby(["kind", "optimizer", "attack"], sort=False):
        shown = members[members["left_out"].isna()]
        kicks = named[(named["kind"] == kind) & (named["optimizer"] == optimizer) & (named["attack"] == attack)]
        row: dict[Hashable, Any] = {"kind": kind, "optimizer": optimizer, "attack": attack, "solutions": len(shown)}
        if len(shown):
            row |= {name: shown[name].median() for name in ("test_accuracy", "test_error", "change")}
            row["half"] = _spread(shown)
            counts = kicks.groupby("radius")[["returned", "kicks"]].sum()
            row |= {f"{radius:g}": share for radius, share in (counts["returned"] / counts["kicks"]).items()}
        rows.append(row)
    columns = [
        Column("kind", "kick"),
        Column("optimizer", "optimizer"),
        Column("attack", "attack"),
        Column("solutions", "solutions", significant(4)),
        Column("test_accuracy", "test accuracy (%)", percent),
        Column("test_error", "its error", percent),
        Column("half", "half do not return"),
        Column("change", "change at the largest (points)", _points),
    ]
    table = pd.DataFrame(rows)
    shares = [Column(f"{radius:g}", f"back from {radius:g} (%)", percent) for radius in curves["radius"].unique()]
    once = frame.drop_duplicates(SOLUTION)
    missed = int((curves["kicks"] - curves["reached"]).sum())
    note = (
        f"Kicks are shares of |w|. Medians over solutions; half do not return: median, least and largest over "
        f"solutions, a bound where it is beyond all kicks. A solution has come back if it is at the target loss again "
        f"and within {100 * within:g} points of its test accuracy. Error: binomial, one standard error. "
        f"{missed} of {int(curves['kicks'].sum())} descents missed the target loss. "
        f"{left_out_note(once['left_out'])}. {data_note(frame)}."
    )
    return Printed(table, [*columns, *shares], note)


def half_text(half: float, beyond: object) -> str:
    """A half radius, or the bound that there is of it."""
    sign = {ABOVE: "> ", BELOW: "< "}.get(beyond, "") if isinstance(beyond, str) else ""
    return f"{sign}{half:.2g}"


def _spread(shown: pd.DataFrame) -> str:
    """The median of half radii, and both ends."""
    ordered = shown.sort_values("half")
    ends = [half_text(row["half"], row["beyond"]) for _, row in ordered.iloc[[0, -1]].iterrows()]
    middle = ordered.iloc[(len(ordered) - 1) // 2]
    return f"{half_text(middle['half'], middle['beyond'])} ({ends[0]} to {ends[1]})"


def _points(change: float) -> str:
    return f"{100 * change:+.1f}"
