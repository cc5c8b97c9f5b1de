"""Hessians at good and bad minima of models that are linear in their parameters, as tables (E7, Appendix B)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lossbasins.experiments.convex.minima import STEP, Comparison, Kind
from lossbasins.experiments.convex.specs import ConvexChoices
from lossbasins.reporting.formats import Column, Printed, percent, significant
from lossbasins.reporting.solutions import data_note

MINIMA = ("good", "bad")


def comparison_table(comparisons: Mapping[Kind, Sequence[Comparison]], data: str) -> pd.DataFrame:
    """One row per model and pair of minima.

    Args:
        comparisons: of each model.
        data: what there is to say of the images.

    Returns:
        Columns model, pair, parameters, difference (the largest of two eigenvalues of the same rank), and train_loss,
        test_error, curving, weight_norm, largest (eigenvalue) and trace at either minimum, named as `good_trace`;
        and data.
    """
    rows = []
    for model, pairs in comparisons.items():
        for comparison in pairs:
            row = {"model": model, "pair": comparison.pair, "parameters": comparison.good.eigenvalues.size}
            for name in MINIMA:
                minimum = getattr(comparison, name)
                row |= {
                    f"{name}_train_loss": minimum.train_loss,
                    f"{name}_test_error": minimum.test_error,
                    f"{name}_curving": minimum.curving,
                    f"{name}_weight_norm": minimum.weight_norm,
                    f"{name}_largest": minimum.eigenvalues[-1],
                    f"{name}_trace": minimum.eigenvalues.sum(),
                }
            rows.append(row | {"difference": comparison.difference, "data": data})
    return pd.DataFrame(rows)


def eigenvalue_table(comparisons: Mapping[Kind, Sequence[Comparison]]) -> pd.DataFrame:
    """All eigenvalues in long form: model, pair, rank (1 is the largest), good and bad."""
    parts = [
        pd.DataFrame(
            {
                "model": model,
                "pair": comparison.pair,
                "rank": np.arange(1, comparison.good.eigenvalues.size + 1),
                **{name: getattr(comparison, name).eigenvalues[::-1] for name in MINIMA},
            }
        )
        for model, pairs in comparisons.items()
        for comparison in pairs
    ]
    return pd.concat(parts, ignore_index=True)


def printed_convex(table: pd.DataFrame, choices: ConvexChoices) -> Printed:
    """A pair of minima per row.

    Args:
        table: from `comparison_table`.
        choices: which images and features.
    """
    measures = [
        Column("test_error", "test error (%)", percent),
        Column("train_loss", "L_S", significant(1)),
        Column("weight_norm", "|w|", significant(3)),
        Column("curving", "curving"),
        Column("largest", "largest eigenvalue", significant(4)),
    ]
    columns = [
        Column("model", "model"),
        Column("parameters", "parameters"),
        Column("pair", "minima"),
        *(
            Column(f"{name}_{measure.name}", f"{name}: {measure.header}", measure.text)
            for measure in measures
            for name in MINIMA
        ),
        Column("difference", "largest difference of eigenvalues", significant(2)),
    ]
    note = (
        f"Even from odd classes, targets +1 and -1, on images of {choices.pixels}x{choices.pixels} pixels. Good minima "
        f"fit the first {choices.train} training images, bad ones {choices.attack} images with wrong targets too; both "
        "are minima of the same L_S, with no training error. Curving: training images that add to the Hessian of L_S. "
        "All margins are 1, but for the largest margin, where some are more. At a margin of 1 the squared hinge has no "
        f"Hessian: from below is at w times 1 - {STEP:g}, as with the largest margin; from above at "
        f"w times 1 + {STEP:g}. {data_note(table)}."
    )
    return Printed(table, columns, note)
