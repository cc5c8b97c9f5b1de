"""Volumes, shares of bad networks and test accuracies, with their errors (E12)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from lossbasins.experiments.guess_and_check.specs import TableChoices, TableSpec
from lossbasins.reporting.formats import Column, Printed, decimals, interval, significant
from lossbasins.reporting.solutions import data_note
from lossbasins.reporting.welch import Estimate, difference, mean

Array = npt.NDArray[np.float64]
Row = dict[str, Any]

FITS, EQUAL_LOSS = "fits", "equal loss"
GUESSES, VOLUME = "guesses", "volume"
WAYS, LEVELS = (GUESSES, VOLUME, "adam", "sgd"), (FITS, EQUAL_LOSS, "trained")
"""As the stage `guess_and_check_count` names them, in the order of print."""
ESTIMATES = ("log_volume", "accuracy", "bad", "log_odds", "difference", "bad_change")
"""Columns that have an interval, in `_low` and `_high`."""
NOTHING = Estimate(np.nan, np.nan, np.nan)


def count_table(
    images: Sequence[int], ways: Sequence[pd.DataFrame], nets: Sequence[pd.DataFrame], choices: TableChoices
) -> pd.DataFrame:
    """One row per number of images, way and level.

    Args:
        images: how many had to be right, rising.
        ways: for each of them one row per way, level and run, as the stage `guess_and_check_count` writes it.
        nets: for each of them one row per network.
        choices: what is a bad network, and the confidence of intervals.

    Returns:
        images, way, level; tried and found (guesses, runs or starts, and those that got there); nets; effective_runs
        (how many runs of sequential Monte Carlo the estimate rests on, by their weights); with intervals:
        log_volume (natural logarithm of the probability under the prior), accuracy (mean test accuracy), bad (share of
        networks below `choices.below`), log_odds (of bad), difference (accuracy of a gradient's networks minus that of
        the volume's, at equal loss, else where these fit), bad_change (of the volume's, since the fewest images);
        medians of the normalised loss and margin; goal (the loss of `equal loss`), below, and data.
    """
    rows: list[Row] = []
    first = np.array([])
    for number, of_ways, of_nets in zip(images, ways, nets, strict=True):
        accuracies = of_nets.assign(accuracy=of_nets["correct"] / of_ways["tested"].iloc[0])
        sampled = {
            level: _replicates(*_at(of_ways, accuracies, VOLUME, level), choices) for level in (FITS, EQUAL_LOSS)
        }
        for way, level in of_ways[["way", "level"]].drop_duplicates().itertuples(index=False):
            runs, found = _at(of_ways, accuracies, way, level)
            row: Row = dict.fromkeys(ESTIMATES, NOTHING)
            row |= {"images": number, "way": way, "level": level, "nets": len(found), "effective_runs": np.nan}
            row |= {"tried": len(runs), "found": int((runs["status"] == "ok").sum())}
            if way == VOLUME:
                row |= {name: mean(values, choices.confidence) for name, values in sampled[level].items()}
                row["bad"] = _clipped(row["bad"])
                row["effective_runs"] = _effective(runs["log_probability"])
                if level == FITS and number == images[0]:
                    first = sampled[FITS]["bad"]
                elif level == FITS:
                    row["bad_change"] = difference(sampled[FITS]["bad"], first, choices.confidence)
            else:
                row |= _independent(found["accuracy"].to_numpy(), choices)
            if way == GUESSES:
                drawn = int(runs["draws"].sum())
                row |= {"tried": drawn, "found": len(found), "log_volume": _log_share(len(found), drawn, choices)}
            elif way != VOLUME:
                beside = sampled[EQUAL_LOSS if level == EQUAL_LOSS else FITS]["accuracy"]
                row["difference"] = difference(found["accuracy"].to_numpy(), beside, choices.confidence)
            row |= {name: runs[name].median() for name in ("loss", "margin")}
            row |= {"goal": runs["goal"].iloc[0], "below": choices.below, "data": runs["data"].iloc[0]}
            rows.append(row)
    rows.sort(key=lambda row: (row["images"], WAYS.index(row["way"]), LEVELS.index(row["level"])))
    return _with_intervals(rows)


def jackknife(estimator: Callable[[Array], float], number: int) -> Array:
    """As many values as there are runs, whose mean is the estimate and whose standard error is the jackknife's.

    Args:
        estimator: of how often each run is counted, shape (number,).
        number: of runs, at least 2.

    Returns:
        The pseudo-values (number,), moved so that their mean is the estimate from all runs; empty where that is not
        finite, and NaN but for one infinite estimate where it rests on a single run.
    """
    whole = estimator(np.ones(number))
    if not np.isfinite(whole):
        return np.array([])
    without = np.array([estimator(1.0 - np.eye(number)[run]) for run in range(number)])
    if not np.isfinite(without).all():
        return np.array([whole])
    values: Array = whole - (number - 1) * (without - without.mean())
    return values


def _at(ways: pd.DataFrame, nets: pd.DataFrame, way: str, level: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = [frame[(frame["way"] == way) & (frame["level"] == level)] for frame in (ways, nets)]
    return found[0], found[1]


def _replicates(runs: pd.DataFrame, nets: pd.DataFrame, choices: TableChoices) -> dict[str, Array]:
    """What each run of sequential Monte Carlo says, as independent values.

    A run counts with the probability that it estimates, which makes the sums over runs unbiased; one that died out
    estimates zero.
    """
    if runs.empty:
        return dict.fromkeys(("log_volume", "accuracy", "bad", "log_odds"), np.array([]))
    weights, highest = _weights(runs["log_probability"])
    values = nets.assign(bad=(nets["accuracy"] < choices.below).astype(float)).groupby("run")[["accuracy", "bad"]]
    accuracy, bad = values.mean().reindex(runs["run"], fill_value=0.0).to_numpy().T

    def ratio(values: Array) -> Callable[[Array], float]:
        return lambda counted: float((counted * weights * values).sum() / (counted * weights).sum())

    def log_odds(counted: Array) -> float:
        share = ratio(bad)(counted)
        return float(np.log(share) - np.log1p(-share))

    def log_mean(counted: Array) -> float:
        return float(highest + np.log((counted * weights).sum() / counted.sum()))

    estimators = {"log_volume": log_mean, "accuracy": ratio(accuracy), "bad": ratio(bad), "log_odds": log_odds}
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: jackknife(estimator, len(runs)) for name, estimator in estimators.items()}


def _weights(log_probabilities: pd.Series) -> tuple[Array, float]:
    """Probabilities over their largest, and its logarithm; zeros and minus infinity where all runs died out."""
    logarithms = log_probabilities.to_numpy(np.float64)
    highest = float(logarithms.max())
    return (np.exp(logarithms - highest) if np.isfinite(highest) else np.zeros_like(logarithms)), highest


def _effective(log_probabilities: pd.Series) -> float:
    """Kish's number of runs: as many equal ones would have the variance of these weights."""
    weights, _ = _weights(log_probabilities)
    return float(weights.sum() ** 2 / (weights**2).sum()) if weights.any() else 0.0


def _independent(accuracies: Array, choices: TableChoices) -> dict[str, Estimate]:
    """Of networks that were found independently of each other."""
    bad, size = int((accuracies < choices.below).sum()), accuracies.size
    share = _binomial(bad, size, choices)
    log_odds = _mapped(share, lambda p: np.log(p) - np.log1p(-p)) if 0 < bad < size else NOTHING
    return {"accuracy": mean(accuracies, choices.confidence), "bad": share, "log_odds": log_odds}


def _log_share(found: int, drawn: int, choices: TableChoices) -> Estimate:
    return _mapped(_binomial(found, drawn, choices), np.log) if found else NOTHING


def _binomial(found: int, drawn: int, choices: TableChoices) -> Estimate:
    """A share with the interval of Clopper and Pearson."""
    if not drawn:
        return NOTHING
    ends = stats.binomtest(found, drawn).proportion_ci(choices.confidence, method="exact")
    return Estimate(found / drawn, float(ends.low), float(ends.high))


def _clipped(share: Estimate) -> Estimate:
    return _mapped(share, lambda value: np.clip(value, 0, 1))


def _mapped(estimate: Estimate, rising: Callable[[float], float]) -> Estimate:
    return Estimate(float(rising(estimate.value)), float(rising(estimate.low)), float(rising(estimate.high)))


def _with_intervals(rows: Sequence[Row]) -> pd.DataFrame:
    """Each estimate as three columns, after what identifies a row."""
    flat = []
    for row in rows:
        keys = {key: row[key] for key in ("images", "way", "level", "tried", "found", "nets", "effective_runs")}
        for name in ESTIMATES:
            keys |= {name: row[name].value, f"{name}_low": row[name].low, f"{name}_high": row[name].high}
        flat.append(keys | {key: row[key] for key in ("loss", "margin", "goal", "below", "data")})
    return pd.DataFrame(flat)


def died_out_note(table: pd.DataFrame) -> str:
    """How many runs of sequential Monte Carlo died out, as a sentence without its full stop.

    Args:
        table: from `count_table`.
    """
    runs = table[table["way"] == VOLUME]
    lost = runs[runs["found"] < runs["tried"]]
    if lost.empty:
        return "No run of sequential Monte Carlo died out"
    cases = (
        f"{tried - found} of {tried} before {level}, {images} images"
        for images, level, tried, found in lost[["images", "level", "tried", "found"]].itertuples(index=False)
    )
    return f"Runs of sequential Monte Carlo that died out, and count as zero volume: {'; '.join(cases)}"


def printed_counts(table: pd.DataFrame, spec: TableSpec) -> Printed:
    """The table as people read it.

    Args:
        table: from `count_table`.
        spec: what was counted.
    """
    shown = table.assign(
        reached=[f"{found}/{tried}" for found, tried in zip(table["found"], table["tried"], strict=True)],
        **{name: _cells(table, name, 100 if name in PERCENT else 1) for name in ("log_odds", "log_volume", *PERCENT)},
    )
    columns = [
        Column("images", "images"),
        Column("way", "way"),
        Column("level", "level"),
        Column("reached", "reached"),
        Column("effective_runs", "effective runs", decimals(1)),
        Column("log_volume", "log V"),
        Column("accuracy", "test accuracy (%)"),
        Column("bad", "bad (%)"),
        Column("log_odds", "log V(bad)/V(good)"),
        Column("difference", "minus volume (points)"),
        Column("loss", "normalised loss", significant(3)),
        Column("margin", "normalised margin", decimals(3)),
    ]
    widths = "-".join(str(width) for width in (spec.pixels**2, *spec.widths))
    note = (
        f"ReLU networks {widths} without biases, even from odd classes, images of {spec.pixels}x{spec.pixels} pixels. "
        "Reached: guesses, runs or starts that got to the level, of all. Runs count with the volume that they "
        "estimate; effective: as many equal ones would do. V: probability under He's prior, natural logarithm. "
        f"Bad: test accuracy below {100 * spec.below:g} %. Fits: all images right; equal loss: with a "
        "normalised loss, each layer at its norm under the prior, of at most the median at which the gradients' "
        f"networks first fit. Intervals of {100 * spec.confidence:g} %: of the volume from the spread between runs. "
        f"{died_out_note(table)}. {data_note(table)}."
    )
    return Printed(shown, columns, note)


PERCENT = ("accuracy", "bad", "difference")
"""Shares, printed in %."""


def _cells(table: pd.DataFrame, name: str, factor: float) -> list[str]:
    columns = [name, f"{name}_low", f"{name}_high"]
    return [interval(*(factor * value for value in row)) for row in table[columns].itertuples(index=False)]
