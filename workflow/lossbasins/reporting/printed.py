"""The tables as people read them: which columns, rounded how, under which headers, with which note."""

import math
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from lossbasins.reporting.formats import Column, decimals, interval, percent, significant
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.reporting.spectrum import ROLES
from lossbasins.reporting.volume import MEASURES
from lossbasins.specs.polish import Target

ENDS = {"not_reached": "ended above it", "below_target": "below it from the start", "diverged": "diverged"}
"""What became of solutions that did not come down to their target, by their status."""


class Printed(NamedTuple):
    """What `to_markdown` and `to_latex` take."""

    frame: pd.DataFrame
    columns: list[Column]
    note: str


def printed_spectrum(frame: pd.DataFrame, top: int) -> Printed:
    """The three chosen solutions.

    Args:
        frame: one row per replica, from `spectrum_table`.
        top: the k of the log inverse volume.
    """
    chosen = pd.concat([frame[frame["role"] == role] for role in ROLES])
    columns = [
        Column("role", "solution"),
        Column("optimizer", "optimizer"),
        Column("attack", "attack"),
        Column("replica", "replica"),
        Column("test_accuracy", "test accuracy (%)", percent),
        Column("train_loss", "training loss L_S", significant(3)),
        Column("gradient_norm", "|grad L_S|", significant(3)),
        Column("weight_norm", "|w|", significant(3)),
        Column("largest", "largest eigenvalue", significant(3)),
        Column("smallest", "smallest eigenvalue", significant(3)),
        Column("negative", "negative"),
        Column("zero", "zero"),
        Column("parameters", "of"),
        Column("log_inverse_volume", f"log V^-1({top})", decimals(1)),
    ]
    note = (
        f"Highest, median and lowest test accuracy among {left_out_note(frame['left_out'])}. "
        "Eigenvalues of the Hessian of the mean training loss; zero is within the rounding of the solver; "
        f"natural logarithm. {data_note(frame)}."
    )
    return Printed(chosen, columns, note)


def printed_volume(points: pd.DataFrame, correlations: pd.DataFrame, top: int) -> Printed:
    """Kendall's tau of each measure, a group of solutions per row.

    Args:
        points: from `lossbasins.reporting.volume.points`.
        correlations: from `lossbasins.reporting.volume.correlations`.
        top: the k of the log inverse volume.
    """
    headers = {"log_inverse_volume": f"log V^-1({top})", "frobenius_norm": "Frobenius norm"}
    groups = {"all": "all", "none": "unattacked"}
    table = pd.DataFrame({"group": [groups.get(g, g) for g in correlations["group"].unique()]})
    columns = [Column("group", "solutions")]
    for measure in MEASURES:
        rows = correlations[correlations["measure"] == measure]
        table[f"{measure}_solutions"] = rows["solutions"].to_numpy()
        table[measure] = [
            interval(row["tau"], row["low"], row["high"]) or f"({row['reason']})" for row in rows.to_dict("records")
        ]
        columns += [
            Column(f"{measure}_solutions", "number"),
            Column(measure, f"tau of test accuracy and {headers[measure]}"),
        ]
    settings = correlations.iloc[0]
    note = (
        f"Kendall's tau-b with {settings['confidence']:.0%} percentile intervals from {settings['resamples']} "
        f"resamples of the solutions. "
        f"Volume: {left_out_note(points['log_inverse_volume_left_out'])}. "
        f"Frobenius norm: {left_out_note(points['frobenius_norm_left_out'])}. {data_note(points)}."
    )
    return Printed(table, columns, note)


def printed_polish(table: pd.DataFrame, target: Target) -> Printed:
    """Medians before and after, an optimizer and attack per row.

    Args:
        table: one row per replica, from `lossbasins.reporting.polish.polish_table`.
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
