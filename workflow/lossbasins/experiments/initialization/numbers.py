"""Accuracies under several initialisations, beside those that the paper prints (E3, Table 1)."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from lossbasins.experiments.initialization.specs import Case
from lossbasins.reporting.formats import Column, Printed, decimals, interval, significant
from lossbasins.reporting.solutions import Label, data_note, left_out_note, stacked
from lossbasins.reporting.welch import Moments, compared_means, standard_deviation

Array = npt.NDArray[np.float64]

PARTS = ("train", "test")
NO_REPLICATION = "*"
"""Marks statistics that compare training sets of different sizes."""


def initialization_points(labels: Sequence[Label], evaluations: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row per replica. As in the paper's means, a replica counts whether it fits its training set or not.

    Args:
        labels: the columns that identify each run.
        evaluations: one per run, in the same order, with replica, status, train_accuracy and test_accuracy.

    Returns:
        The labels and evaluations with `left_out`: why a replica does not count, missing if it does.
    """
    frame = stacked(labels, evaluations).drop(columns="run")
    finite = np.isfinite(frame["train_accuracy"]) & np.isfinite(frame["test_accuracy"])
    return frame.assign(left_out=pd.Series("diverged", index=frame.index, dtype="str").where(~finite))


def of_case(points: pd.DataFrame, case: Case) -> pd.DataFrame:
    """The replicas of a case, of its initialisations alone."""
    named = (points["dataset"] == case.dataset) & (points["model"] == case.model)
    return points[named & (points["optimizer"] == case.optimizer) & points["init"].isin(case.inits)]


def initialization_table(points: pd.DataFrame, cases: Sequence[Case]) -> pd.DataFrame:
    """Ours and the paper's accuracies, and Welch's test between them.

    Args:
        points: from `initialization_points`.
        cases: what is compared with what.

    Returns:
        One row per case and initialisation, with training_images and paper_training_images, `same_size` (whether they
        agree, without which no statistic speaks of replication), `named` (whether the paper names the initialisation),
        solutions, fitted and left_out (counts), and for train and test accuracy, as fractions: `..._mean`, `..._std`
        (of the sample), `paper_..._mean`, `paper_..._std`, `..._t`, `..._p` and `..._reason` why the two are missing.
    """
    rows = []
    for case in cases:
        replicas = of_case(points, case)
        for printed in case.rows:
            members = replicas[replicas["init"] == printed.init]
            counted = members[members["left_out"].isna()]
            row: dict[str, object] = {
                "dataset": case.dataset,
                "model": case.model,
                "optimizer": case.optimizer,
                "init": printed.init,
                "training_images": case.training_images,
                "paper": case.paper.name,
                "paper_training_images": case.paper.training_images,
                "paper_runs": case.paper.runs,
                "same_size": case.training_images == case.paper.training_images,
                "named": printed == case.rows[-1],
                "solutions": len(counted),
                "fitted": int((counted["status"] == "ok").sum()),
                "left_out": len(members) - len(counted),
            }
            for part in PARTS:
                row |= _compared(part, counted[f"{part}_accuracy"].to_numpy(), getattr(printed, part), case.paper.runs)
            rows.append(row)
    return pd.DataFrame(rows)


def initialization_spread(points: pd.DataFrame, cases: Sequence[Case], confidence: float) -> pd.DataFrame:
    """How far our own initialisations lie apart in test accuracy.

    The best and the worst are chosen among all pairs, so their difference has Tukey's interval, which is simultaneous
    over the pairs; like the analysis of variance it takes the spread within all initialisations for the same.

    Args:
        points: from `initialization_points`.
        cases: whose initialisations are compared.
        confidence: of the intervals, between 0 and 1.

    Returns:
        One row per case: best and worst (initialisations), difference with low and high (fractions), f and p of the
        one-way analysis of variance, `reason` why numbers are missing, solutions, and confidence.
    """
    rows = []
    for case in cases:
        counted = of_case(points, case)
        counted = counted[counted["left_out"].isna()]
        groups = {
            init: members["test_accuracy"].to_numpy(dtype=np.float64)
            for init in case.inits
            if len(members := counted[counted["init"] == init])
        }
        row = {"dataset": case.dataset, "model": case.model, "optimizer": case.optimizer}
        rows.append(row | _spread(groups, confidence) | {"solutions": len(counted)})
    return pd.DataFrame(rows).assign(confidence=confidence)


def printed_initialization(
    points: pd.DataFrame,
    table: pd.DataFrame,
    spread: pd.DataFrame,
    cases: Sequence[Case],
) -> Printed:
    """An initialisation per row, in percent; statistics of training sets of other sizes than the paper's are marked.

    Args:
        points: from `initialization_points`.
        table: from `initialization_table`.
        spread: from `initialization_spread`.
        cases: what is compared with what.
    """
    shown = table[["dataset", "model", "init"]].copy()
    shown["named"] = table["named"].map({True: "yes", False: "no"})
    marks = table["same_size"].map({True: "", False: NO_REPLICATION})
    columns = [
        Column("dataset", "dataset"),
        Column("model", "model"),
        Column("init", "initialisation"),
        Column("named", "named in the paper"),
    ]
    for part in PARTS:
        shown[part] = _accuracies(table[f"{part}_mean"], table[f"{part}_std"], table["solutions"])
        shown[f"paper_{part}"] = _accuracies(
            table[f"paper_{part}_mean"], table[f"paper_{part}_std"], table["paper_runs"]
        )
        shown[f"{part}_t"] = _marked(table[f"{part}_t"], marks, decimals(2))
        shown[f"{part}_p"] = _marked(table[f"{part}_p"], marks, significant(2))
        columns += [
            Column(part, f"{part} accuracy (%)"),
            Column(f"paper_{part}", f"paper: {part} (%)"),
            Column(f"{part}_t", f"t, {part}"),
            Column(f"{part}_p", f"p, {part}"),
        ]
    of_cases = " ".join(
        _case_note(case, of_case(points, case), row) for case, row in zip(cases, spread.to_dict("records"), strict=True)
    )
    confidence = spread["confidence"].iloc[0]
    note = (
        "Mean ± standard deviation (number of solutions), fitted or not. t and p: Welch's test of ours against the "
        "mean, deviation and number that the paper prints. The paper names the last initialisation of each case alone; "
        f"the others stand beside rows that it does not name. In brackets: Tukey's {confidence:.0%} intervals. "
        f"{of_cases} {data_note(points)}."
    )
    return Printed(shown, columns, note)


def size_note(case: Case) -> str:
    """Whether a case can replicate the paper's numbers, by the size of its training set."""
    images, theirs = case.training_images, case.paper.training_images
    if images == theirs:
        return f"{images:,} training images, as in the paper"
    return f"{NO_REPLICATION} no replication, since it has {images:,} training images and the paper {theirs:,}"


def spread_note(spread: Mapping[Hashable, Any]) -> str:
    """How far our initialisations lie apart, in percentage points.

    Args:
        spread: a row of `initialization_spread`.
    """
    if math.isnan(spread["difference"]):
        return f"no spread between initialisations: {spread['reason']}"
    apart = interval(*(100 * spread[name] for name in ("difference", "low", "high")))
    tests = spread["reason"] if math.isnan(spread["p"]) else f"analysis of variance p = {spread['p']:.2g}"
    return f"best ({spread['best']}) minus worst ({spread['worst']}) test accuracy {apart}, {tests}"


def _compared(part: str, values: Array, printed: tuple[float, float], runs: int) -> dict[str, object]:
    ours = Moments(float(values.mean()) if values.size else math.nan, standard_deviation(values), values.size)
    paper = Moments(printed[0] / 100, printed[1] / 100, runs)
    t, p, reason = compared_means(ours, paper)
    return {
        f"{part}_mean": ours.mean,
        f"{part}_std": ours.deviation,
        f"paper_{part}_mean": paper.mean,
        f"paper_{part}_std": paper.deviation,
        f"{part}_t": t,
        f"{part}_p": p,
        f"{part}_reason": reason or None,
    }


def _spread(groups: dict[str, Array], confidence: float) -> dict[str, object]:
    """Of the test accuracies by initialisation, those without any left out."""
    nothing: dict[str, object] = dict.fromkeys(("difference", "low", "high", "f", "p"), math.nan)
    if len(groups) < 2:
        return {"best": None, "worst": None, **nothing, "reason": "fewer than two initialisations with solutions"}
    means = {init: float(values.mean()) for init, values in groups.items()}
    best, worst = max(means, key=means.__getitem__), min(reversed(means), key=means.__getitem__)
    known = {"best": best, "worst": worst, **nothing, "difference": means[best] - means[worst]}
    if min(values.size for values in groups.values()) < 2:
        return known | {"reason": "an initialisation has fewer than two solutions"}
    if all(np.ptp(values) == 0 for values in groups.values()):
        return known | {"reason": "no initialisation spreads"}
    names, samples = list(groups), list(groups.values())
    interval_of_pairs = stats.tukey_hsd(*samples).confidence_interval(confidence)
    pair = names.index(best), names.index(worst)
    f, p = stats.f_oneway(*samples)
    ends = {"low": float(interval_of_pairs.low[pair]), "high": float(interval_of_pairs.high[pair])}
    return known | ends | {"f": float(f), "p": float(p), "reason": None}


def _accuracies(means: pd.Series, deviations: pd.Series, numbers: pd.Series) -> list[str]:
    return [
        f"({number})" if math.isnan(mean) else f"{100 * mean:.2f}{_spread_text(deviation)} ({number})"
        for mean, deviation, number in zip(means, deviations, numbers, strict=True)
    ]


def _spread_text(deviation: float) -> str:
    return "" if math.isnan(deviation) else f" ± {100 * deviation:.2f}"


def _marked(values: pd.Series, marks: pd.Series, text: Callable[[float], str]) -> list[str | None]:
    return [None if math.isnan(v) else f"{text(v)}{mark}" for v, mark in zip(values, marks, strict=True)]


def _case_note(case: Case, replicas: pd.DataFrame, spread: Mapping[Hashable, Any]) -> str:
    return (
        f"{case.name} ({case.optimizer}), beside {case.paper.name}: {size_note(case)}; "
        f"{spread_note(spread)}; {left_out_note(replicas['left_out'])}."
    )
