"""The table of two-layer networks as people read it (E4, section 4)."""

import pandas as pd

from lossbasins.experiments.two_layer.specs import TwoLayerChoices
from lossbasins.reporting.formats import Column, Printed, percent, significant
from lossbasins.reporting.solutions import REASONS, data_note, left_out_note

NODES = {"all": "all nodes", "one": "one node"}
LARGEST = ("equality_error",)
"""Measures of which the largest is printed instead of the median."""
MEASURES = (
    "test_accuracy",
    "train_loss",
    "input_gradient",
    "equality_error",
    "bound",
    "balanced_bound",
    "corollary",
    "test_input_gradient",
    "sampling_term",
    "bias_hessian",
    "bias_residual",
    "hessian",
    "ggn",
    "residual",
)


def left_out(table: pd.DataFrame) -> pd.Series:
    """Why each solution is not shown, missing where it is: one entry per solution as trained."""
    return table.loc[table["rescaled"] == "none", "status"].map(REASONS)


def printed_two_layer(table: pd.DataFrame, choices: TwoLayerChoices) -> Printed:
    """Medians over starts, an activation, attack and rescaling per row; of the factors only the extreme ones.

    Args:
        table: one row per solution and rescaling, each with what there is to say of its `data`.
        choices: what the networks are.
    """
    fitted = table[table["status"] == "ok"]
    factors = fitted.loc[fitted["rescaled"] != "none", "factor"]
    shown = fitted[(fitted["rescaled"] == "none") | fitted["factor"].isin([factors.min(), factors.max()])]
    groups = ["activation", "attack", "rescaled", "factor"]
    rows = []
    for (activation, attack, nodes, factor), members in shown.groupby(groups, sort=False):
        row = {"activation": activation, "attack": attack, "number": len(members)}
        if nodes != "none":
            row["state"] = f"{NODES[str(nodes)]} times {factor:g}"
        else:
            row["state"] = "as trained" if members["homogeneous"].all() else "as trained; has no rescaling symmetry"
        rows.append(row | {name: _representative(members[name], name) for name in MEASURES})
    columns = [
        Column("activation", "activation"),
        Column("attack", "attack"),
        Column("state", "parameters"),
        Column("number", "number"),
        Column("test_accuracy", "test accuracy (%)", percent),
        Column("train_loss", "L_S", significant(3)),
        Column("input_gradient", "E|grad_x f|^2 = <B B^T, F_cc>", significant(3)),
        Column("equality_error", "largest relative error of =", significant(1)),
        Column("bound", "|B|^2 |F_cc|", significant(3)),
        Column("balanced_bound", "K |N F_cc N|", significant(3)),
        Column("corollary", "corollary", significant(3)),
        Column("test_input_gradient", "E|grad_x f|^2, test", significant(3)),
        Column("sampling_term", "sampling term", significant(3)),
        Column("bias_hessian", "|H_cc|", significant(3)),
        Column("bias_residual", "|H_cc - F_cc|", significant(2)),
        Column("hessian", "|H|", significant(3)),
        Column("ggn", "|G|", significant(3)),
        Column("residual", "|H - G|", significant(2)),
    ]
    names = ["activation", "attack", "state", "number", *MEASURES]
    return Printed(pd.DataFrame(rows, columns=names), columns, _note(table, choices))


def _representative(values: pd.Series, name: str) -> float:
    return float(values.max() if name in LARGEST else values.median())


def _note(table: pd.DataFrame, choices: TwoLayerChoices) -> str:
    return (
        f"Two-layer networks of {choices.width} nodes that tell even from odd classes (targets +1 and -1) on images of "
        f"{choices.pixels}x{choices.pixels} pixels, trained until L_S + gamma L_A <= {choices.target_loss:g} with "
        f"L = 1/(2n) sum (f - y)^2; {left_out_note(left_out(table))}. Medians over starts, in Frobenius norms. E and "
        "F_cc = E[grad_c f grad_c f^T] are means over the training inputs, unless test is said; H is the Hessian of "
        "L_S, G its Gauss-Newton part. Corollary: |B|^2 (|H_cc| + |a| sup|s''| sqrt(2 L_S)); on other inputs than the "
        "training ones add the sampling term |B|^2 |F_cc - F_cc, test|. N = diag(|b_k|). "
        "All nodes times t: b_k and c_k times t, a_k over t, for every k; one node: for the one with the largest "
        f"share in E|grad_x f|^2. Neither changes f. {data_note(table)}."
    )
