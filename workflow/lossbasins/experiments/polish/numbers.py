"""Solutions before and after their training loss alone was descended."""

import math
from collections.abc import Callable, Sequence

import pandas as pd

from lossbasins.reporting.formats import Column, Printed, percent, significant
from lossbasins.reporting.solutions import Label, data_note, stacked
from lossbasins.specs.polish import Target

MEASURES = ("status", "train_loss", "gradient_norm", "weight_norm", "test_accuracy", "attack_accuracy")
"""What is shown before and after."""
ENDS = {"not_reached": "ended above it", "below_target": "below it from the start", "diverged": "diverged"}
"""What became of solutions that did not come down to their target, by their status."""


def polish_table(
    labels: Sequence[Label],
    before: Sequence[pd.DataFrame],
    after: Sequence[pd.DataFrame],
    polish: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """One row per replica of every run.

    Args:
        labels: the columns that identify each run.
        before: evaluations of the trained solutions, one per run, in the same order.
        after: of the polished ones.
        polish: with replica, polish (how it went), gradients (evaluated) and distance (moved).

    Returns:
        The labels, replica, polish, gradients, distance, each of `MEASURES` as `..._before` and `..._after`, and data.

    Raises:
        ValueError: the numbers of labels and frames differ, or the replicas of a run before and after.
    """
    rows = []
    for frames in zip(before, after, polish, strict=True):
        trained, polished, way = (frame.set_index("replica") for frame in frames)
        if not trained.index.equals(polished.index) or not trained.index.equals(way.index):
            raise ValueError(
                f"replicas {[*trained.index]} before, but {[*polished.index]} after: polish this run again"
            )
        measured = {
            f"{name}_{when}": evaluation[name]
            for name in MEASURES
            for when, evaluation in (("before", trained), ("after", polished))
        }
        rows.append(way.assign(**measured, data=trained["data"]).reset_index())
    return stacked(labels, rows).drop(columns="run")


def printed_polish(table: pd.DataFrame, target: Target) -> Printed:
    """Medians before and after, an optimizer and attack per row.

    Args:
        table: one row per replica, from `lossbasins.experiments.polish.numbers.polish_table`.
        target: where the descent was to end.
    """
    shown = {
        "test_accuracy": ("test accuracy (%)", percent),
        "attack_accuracy": ("attack accuracy (%)", percent),
        "weight_norm": ("|w|", significant(3)),
    }
    rows = []
    for (optimizer, attack), members in table.groupby(["optimizer", "attack"], sort=False):
        reached = members[members["polish"] == "reached"]
        row = {"optimizer": optimizer, "attack": attack, "solutions": len(members), "reached": len(reached)}
        for name, (_, text) in shown.items():
            row[name] = _change(reached[f"{name}_before"].median(), reached[f"{name}_after"].median(), text)
        rows.append(row | {"distance": reached["distance"].median()})
    columns = [
        Column("optimizer", "optimizer"),
        Column("attack", "attack"),
        Column("solutions", "solutions"),
        Column("reached", "reached"),
        *(Column(name, header) for name, (header, _) in shown.items()),
        Column("distance", "distance", significant(3)),
    ]
    end = f"L_S = {target.loss:g}" if target.loss is not None else f"|grad L_S| <= {target.gradient_norm:g}"
    counts = table["polish"].value_counts()
    others = "".join(f", {counts[status]} {text}" for status, text in ENDS.items() if status in counts)
    note = (
        f"From each trained solution L_S alone was descended to {end}. "
        f"Medians before -> after are of those that reached it; "
        f"of {len(table)} solutions {len(table) - counts.get('reached', 0)} did not{others}. "
        f"Distance is that moved in parameter space. {data_note(table)}."
    )
    return Printed(pd.DataFrame(rows), columns, note)


def _change(before: float, after: float, text: Callable[[float], str]) -> str | None:
    return None if math.isnan(before) else f"{text(before)} -> {text(after)}"
