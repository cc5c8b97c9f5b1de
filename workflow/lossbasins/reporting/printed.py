"""The tables as people read them: which columns, rounded how, under which headers, with which note."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from lossbasins.reporting.formats import Column, decimals, interval, percent, significant
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.reporting.spectrum import ROLES
from lossbasins.reporting.volume import ALL, GIVEN_LOSS, measures_of
from lossbasins.specs.polish import Target

ENDS = {"not_reached": "ended above it", "below_target": "below it from the start", "diverged": "diverged"}
"""What became of solutions that did not come down to their target, by their status."""

PRINTED_K = 10
"""Points of each curve in print."""


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
    """Kendall's tau of each measure, a protocol and group of solutions per row.

    Args:
        points: one row per replica and protocol.
        correlations: from `lossbasins.reporting.volume.correlations`.
        top: the k of the log inverse volume.
    """
    headers = {"log_inverse_volume": f"log V^-1({top})", "frobenius_norm": "Frobenius norm"}
    groups = {ALL: "all", GIVEN_LOSS: "all, at fixed loss", "none": "unattacked"}
    measures = measures_of(points)
    table = correlations.loc[correlations["measure"] == measures[0], ["protocol", "group"]]
    table = table.reset_index(drop=True).replace({"group": groups})
    columns = [Column("protocol", "protocol"), Column("group", "solutions")]
    for measure in measures:
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
    left_out = " ".join(
        f"{str(protocol).capitalize()}, {headers[measure]}: {left_out_note(members[f'{measure}_left_out'])}."
        for protocol, members in points.groupby("protocol", sort=False)
        for measure in measures
    )
    note = (
        f"Kendall's tau-b with {settings['confidence']:.0%} percentile intervals from {settings['resamples']} "
        f"resamples of the solutions; at fixed loss: its partial coefficient, given the rank of the training loss. "
        f"{left_out} {data_note(points)}."
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


def printed_basin_ratio(table: pd.DataFrame) -> Printed:
    """Ratios at ten values of k for each protocol.

    Args:
        table: from `lossbasins.reporting.basin_ratio.basin_ratio`.
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
    ]
    settings = table.iloc[0]
    note = (
        f"log10 of V(bad) / V(good), V the product of the inverses of the k largest eigenvalues, over all pairs of an "
        f"attacked solution below {settings['below']:.0%} test accuracy and an unattacked one not below it; low and "
        f"high hold the middle {settings['band']:.0%} of the pairs. Without a pair there is no ratio."
    )
    return Printed(chosen, columns, note)


def printed_starts(frame: pd.DataFrame, table: pd.DataFrame) -> Printed:
    """How many random starts end below a test accuracy.

    Args:
        frame: from `lossbasins.reporting.starts.starts`.
        table: from `lossbasins.reporting.starts.shares`.
    """
    settings = table.iloc[0]
    columns = [
        Column("init", "initialisation"),
        Column("optimizer", "optimizer"),
        Column("starts", "starts"),
        Column("bad", f"below {settings['below']:.0%}"),
        Column("lowest", "lowest test accuracy (%)", percent),
        Column("share", "share", significant(2)),
        Column("upper", f"upper bound ({settings['confidence']:.0%})", significant(2)),
    ]
    note = (
        f"Unattacked: {left_out_note(frame['left_out'])}. One-sided bounds by Clopper and Pearson. {data_note(frame)}."
    )
    return Printed(table, columns, note)


def _change(before: float, after: float, text: Callable[[float], str]) -> str | None:
    return None if math.isnan(before) else f"{text(before)} -> {text(after)}"
