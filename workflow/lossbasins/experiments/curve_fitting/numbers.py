"""Fits of a cubic as tables (E1, the paper's Fig. 1)."""

import dataclasses
from collections.abc import Sequence

import pandas as pd

from lossbasins.experiments.curve_fitting.fit import (
    Curve,
    Points,
    attack_points,
    cubic,
    cubic_input_gradient,
    nodes,
    train_points,
)
from lossbasins.experiments.curve_fitting.specs import CurveFittingChoices
from lossbasins.reporting.formats import Column, Printed, significant
from lossbasins.reporting.solutions import REASONS, left_out_note

KINDS = ["family", "depth", "order", "parameters"]
"""What fits have in common that differ in their start alone."""
MEASURES = ["train_loss", "test_error", "input_gradient"]
"""What is printed as the median over starts."""
COUNTS = ["depth", "order", "replica", "steps"]
"""Whole numbers that not every fit has."""


def fit_table(curves: Sequence[Curve]) -> pd.DataFrame:
    """One row per fit: all of `Curve` but for its values."""
    names = [field.name for field in dataclasses.fields(Curve) if field.name not in ("x", "values")]
    frame = pd.DataFrame([{name: getattr(curve, name) for name in names} for curve in curves], columns=names)
    return frame.astype(dict.fromkeys(COUNTS, "Int64"))


def curve_table(choices: CurveFittingChoices, curves: Sequence[Curve]) -> pd.DataFrame:
    """What is to be drawn, in long form.

    Returns:
        Columns curve, x and y. Curves are `cubic`, `training points`, `attack points`, and fits by their row in
        `fit_table`.
    """
    x = nodes(choices)
    given = {
        "cubic": Points(x, cubic(choices, x)),
        "training points": train_points(choices),
        "attack points": attack_points(choices),
    }
    fits = {str(row): Points(curve.x, curve.values) for row, curve in enumerate(curves)}
    parts = [pd.DataFrame({"curve": name, "x": points.x, "y": points.y}) for name, points in (given | fits).items()]
    return pd.concat(parts, ignore_index=True)


def printed_curve_fitting(table: pd.DataFrame, choices: CurveFittingChoices) -> Printed:
    """Medians over starts and extremes of the test error, a kind of fit per row; and the cubic itself.

    Args:
        table: one row per fit, from `fit_table`.
        choices: what was fitted to what.
    """
    rows = []
    for kind, members in table.groupby(KINDS, dropna=False, sort=False):
        fitted = members[members["status"] == "ok"]
        row = dict(zip(KINDS, kind, strict=True)) | {"fits": len(members), "fitted": len(fitted)}
        row |= {name: fitted[name].median() for name in MEASURES}
        rows.append(row | {"least": fitted["test_error"].min(), "most": fitted["test_error"].max()})
    rows.append({"family": "the cubic", "parameters": 4, "input_gradient": cubic_input_gradient(choices)})
    columns = [
        Column("family", "curve"),
        Column("depth", "hidden layers"),
        Column("order", "order"),
        Column("parameters", "parameters"),
        Column("fits", "fits"),
        Column("fitted", "interpolating"),
        Column("train_loss", "training error", significant(2)),
        Column("test_error", "test error", significant(3)),
        Column("least", "least", significant(3)),
        Column("most", "most", significant(3)),
        Column("input_gradient", "E|grad_x f|^2", significant(3)),
    ]
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    frame = frame.astype(dict.fromkeys(["depth", "order", "fits", "fitted"], "Int64"))
    return Printed(frame, columns, _note(table, choices))


def _note(table: pd.DataFrame, choices: CurveFittingChoices) -> str:
    low, high = choices.interval
    return (
        f"ReLU networks of {choices.width} units a layer without regulariser (Adam), and kernel ridge regression with "
        f"(1 + x x')^p and ridge {choices.ridge:g}, through {len(choices.points)} points of a cubic; the attacked "
        f"network also through {len(choices.attack.points)} wrong values between them. A curve interpolates if its "
        f"squared error is at most {choices.target_error:g} at each point that it was fitted to; "
        f"{left_out_note(table['status'].map(REASONS))}. Medians, least and most over starts. "
        "Training error: mean squared error at the points of the cubic; test error and E|grad_x f|^2: means of "
        f"(f - cubic)^2 and f'^2 over [{low:g}, {high:g}]. Parameters of a kernel: coefficients of its polynomial."
    )
