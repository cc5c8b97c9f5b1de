"""Solutions before and after their training loss alone was descended."""

from collections.abc import Sequence

import pandas as pd

from lossbasins.reporting.solutions import Label, stacked

MEASURES = ("status", "train_loss", "gradient_norm", "weight_norm", "test_accuracy", "attack_accuracy")
"""What is shown before and after."""


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
