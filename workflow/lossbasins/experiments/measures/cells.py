"""Cells of one initialisation, optimizer and attack, within which attack strength can be no reason (E9)."""

import numpy as np
import pandas as pd

from lossbasins.experiments.measures.specs import MeasureChoices
from lossbasins.reporting.power import smallest_shown
from lossbasins.reporting.ranking import Solutions, overall
from lossbasins.reporting.volume import CELL, cell_numbers


def ranked(shown: pd.DataFrame) -> Solutions:
    """What coefficients are taken of.

    Args:
        shown: rows of the points of one measure under one protocol, none left out.
    """
    values, errors, accuracy, norm, loss = (
        shown[name].to_numpy(dtype=np.float64)
        for name in ("value", "standard_error", "test_accuracy", "weight_norm", "train_loss")
    )
    return Solutions(values, errors, accuracy, norm, loss, cell_numbers(shown))


def cells(frame: pd.DataFrame, choices: MeasureChoices, seed: int) -> pd.DataFrame:
    """Kendall's tau of test accuracy and each measure within groups of solutions.

    Args:
        frame: from `lossbasins.experiments.measures.numbers.turned`.
        choices: how measures are compared.
        seed: of the resamples.

    Returns:
        One row per protocol, measure and group: protocol, measure, init, optimizer and attack (init and optimizer are
        missing where a group has all of them), tau, low, high, reason (why a number is missing), solutions, left_out
        (counts) and shown (the smallest |tau| that so many solutions could have shown).
    """
    rows = []
    for (protocol, measure), members in frame.groupby(["protocol", "measure"], sort=False):
        for keys in (["attack"], CELL):
            for names, group in members.groupby(keys, sort=False):
                shown = group[group["left_out"].isna()]
                found = overall(
                    ranked(shown),
                    resamples=choices.resamples,
                    confidence=choices.confidence,
                    smallest_group=choices.smallest_group,
                    rng=np.random.default_rng([seed, *f"{protocol}/{measure}/{'/'.join(map(str, names))}".encode()]),
                )
                rows.append(
                    {"protocol": protocol, "measure": measure}
                    | dict.fromkeys(CELL)
                    | dict(zip(keys, names, strict=True))
                    | {"tau": found.value, "low": found.low, "high": found.high, "reason": found.reason or None}
                    | {"solutions": len(shown), "left_out": len(group) - len(shown)}
                    | {"shown": smallest_shown([len(shown)], choices.confidence)}
                )
    return pd.DataFrame(rows).assign(confidence=choices.confidence, resamples=choices.resamples)
