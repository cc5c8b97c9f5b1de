"""Full against mini batches, and good against bad solutions (E2, the table of section 3.1)."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.experiments.batch_size.specs import BatchSizeChoices
from lossbasins.reporting.formats import Column, Printed, decimals, interval, percent
from lossbasins.reporting.solutions import Label, data_note, left_out_note, solutions
from lossbasins.reporting.welch import Estimate, difference, mean, standard_deviation

Array = npt.NDArray[np.float64]

FULL, MINI, ATTACKED = "full", "mini", "attacked"
GROUPS = {FULL: "full batch", MINI: "mini batch", ATTACKED: "mini batch, attacked"}
"""What is compared in each model, in print."""


def batch_size_points(
    labels: Sequence[Label], evaluations: Sequence[pd.DataFrame], choices: BatchSizeChoices
) -> pd.DataFrame:
    """One row per replica, with the `group` that it belongs to.

    Args:
        labels: the columns that identify each run.
        evaluations: one per run, in the same order; see `solutions`.
        choices: which optimizer is which.
    """
    frame = solutions(labels, evaluations).drop(columns="run")
    batches = frame["optimizer"].map({choices.full: FULL, choices.mini: MINI})
    return frame.assign(group=batches.where(frame["attack"] == "none", ATTACKED))


def batch_size_table(points: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """What the batch changes in each model, beside what the attack changes.

    Args:
        points: from `batch_size_points`.
        confidence: of the intervals, between 0 and 1.

    Returns:
        One row per dataset and model. For each of `GROUPS` the test accuracy of its fitted replicas, as a fraction:
        `..._mean`, `..._low`, `..._high`, `..._std` (of the sample), `..._solutions` and `..._left_out` (counts). Then
        `difference`, full minus mini, and `gap`, mini minus attacked, each with `..._low`, `..._high` (Welch) and
        `..._reason` why a number is missing; `ratio`, |difference| / gap, missing unless the gap is positive.
    """
    rows = []
    for (dataset, model), members in points.groupby(["dataset", "model"], sort=False):
        row: dict[str, object] = {"dataset": dataset, "model": model}
        accuracies = {group: _fitted(members[members["group"] == group]) for group in GROUPS}
        for group, values in accuracies.items():
            estimate = mean(values, confidence)
            row |= {f"{group}_mean": estimate.value, f"{group}_low": estimate.low, f"{group}_high": estimate.high}
            row |= {f"{group}_std": standard_deviation(values), f"{group}_solutions": values.size}
            row[f"{group}_left_out"] = int((members["group"] == group).sum()) - values.size
        batch = difference(accuracies[FULL], accuracies[MINI], confidence)
        gap = difference(accuracies[MINI], accuracies[ATTACKED], confidence)
        row |= _columns("difference", batch) | _columns("gap", gap)
        row["ratio"] = abs(batch.value) / gap.value if gap.value > 0 else math.nan
        rows.append(row)
    return pd.DataFrame(rows).assign(confidence=confidence)


def printed_batch_size(points: pd.DataFrame, table: pd.DataFrame, choices: BatchSizeChoices) -> Printed:
    """A model per row, in percent.

    Args:
        points: from `batch_size_points`.
        table: from `batch_size_table`.
        choices: which optimizer is which.
    """
    shown = table[["dataset", "model", "ratio"]].copy()
    for group in GROUPS:
        shown[group] = [
            mean_and_deviation(*values)
            for values in zip(*(table[f"{group}_{name}"] for name in ("mean", "std", "solutions")), strict=True)
        ]
    for name in ("difference", "gap"):
        shown[name] = [_with_interval(row, name) for row in table.to_dict("records")]
    columns = [
        Column("dataset", "dataset"),
        Column("model", "model"),
        *(Column(group, header) for group, header in GROUPS.items()),
        Column("difference", "full - mini"),
        Column("gap", "gap: mini - attacked"),
        Column("ratio", "|full - mini| / gap", decimals(3)),
    ]
    left_out = "; ".join(
        f"{dataset}, {model}: {left_out_note(members['left_out'])}"
        for (dataset, model), members in points.groupby(["dataset", "model"], sort=False)
    )
    attacks = ", ".join(points.loc[points["group"] == ATTACKED, "attack"].unique())
    note = (
        f"Test accuracy in percent, mean ± standard deviation over fitted replicas (their number); differences in "
        f"percentage points with {choices.confidence:.0%} Welch intervals. Full batch: {choices.full}; mini batch: "
        f"{choices.mini}; attacked: {attacks}. {left_out}. {data_note(points)}."
    )
    return Printed(shown, columns, note)


def mean_and_deviation(value: float, deviation: float, solutions: int) -> str:
    """Fractions as percentages, as far as they are known, and how many solutions they are of."""
    if math.isnan(value):
        return f"({solutions})"
    spread = "" if math.isnan(deviation) else f" ± {percent(deviation)}"
    return f"{percent(value)}{spread} ({solutions})"


def _fitted(members: pd.DataFrame) -> Array:
    return members.loc[members["left_out"].isna(), "test_accuracy"].to_numpy(dtype=np.float64)


def _columns(name: str, estimate: Estimate) -> dict[str, object]:
    return {
        name: estimate.value,
        f"{name}_low": estimate.low,
        f"{name}_high": estimate.high,
        f"{name}_reason": estimate.reason or None,
    }


def _with_interval(row: Mapping[Hashable, Any], name: str) -> str:
    value, low, high = (100 * row[key] for key in (name, f"{name}_low", f"{name}_high"))
    return interval(value, low, high) or f"({row[f'{name}_reason']})"
