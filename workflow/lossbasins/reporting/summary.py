"""What the study's figures say, in five lines of plain text."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lossbasins.reporting.formats import interval, percent
from lossbasins.reporting.solutions import left_out_note

NAMES = {"log_inverse_volume": "log inverse volume", "frobenius_norm": "Frobenius norm"}


def summary(spectrum: pd.DataFrame, points: pd.DataFrame, correlations: pd.DataFrame) -> str:
    """Five lines, each ended; a claim that does not hold is said as such.

    Args:
        spectrum: one row per replica, from `lossbasins.reporting.spectrum.spectrum_table`.
        points: one row per replica, from `lossbasins.reporting.volume.points`.
        correlations: from `lossbasins.reporting.volume.correlations`.
    """
    lines = [
        accuracies(points),
        *(rank_correlation(correlations[correlations["measure"] == measure], name) for measure, name in NAMES.items()),
        sharpness(spectrum),
        left_out(points),
    ]
    return "".join(f"{line}\n" for line in lines)


def accuracies(points: pd.DataFrame) -> str:
    """The spans of test accuracy at 100 % training accuracy, of all and of the unattacked solutions."""
    interpolating = points[(points["status"] == "ok") & (points["train_accuracy"] == 1)]
    tests = interpolating["test_accuracy"].dropna()
    if tests.empty:
        return "Test accuracy: no solution reached 100 % training accuracy."
    unattacked = tests[interpolating["attack"] == "none"]
    span = 100 * (tests.max() - tests.min())
    return (
        f"Test accuracy at 100 % training accuracy: {_span(tests)}, a span of {span:.1f} points; "
        f"unattacked: {_span(unattacked) if len(unattacked) else 'none'}."
    )


def rank_correlation(rows: pd.DataFrame, name: str) -> str:
    """Whether solutions of higher test accuracy have the smaller measure: overall, unattacked, within each attack.

    Args:
        rows: the correlations of one measure.
        name: of the measure.
    """
    groups = rows.set_index("group").to_dict("index")
    attacks = [group for group in groups if group not in ("all", "none")]
    parts = [f"overall {_tau(groups['all'])}"]
    if "none" in groups:
        parts.append(f"within the unattacked {_tau(groups['none'])}")
    if attacks:
        held = sum(groups[attack]["high"] < 0 for attack in attacks)
        each = ", ".join(f"{attack} {_tau(groups[attack])}" for attack in attacks)
        parts.append(f"within attack settings holds in {held} of {len(attacks)} ({each})")
    return f"Test accuracy falls as the {name} grows (Kendall's tau): {'; '.join(parts)}."


def verdict(low: float, high: float) -> str:
    """Whether an interval of tau says that the test accuracy falls as the measure grows."""
    if np.isnan(low):
        return "undecided"
    if high < 0:
        return "holds"
    return "the opposite holds" if low > 0 else "not shown"


def sharpness(spectrum: pd.DataFrame) -> str:
    """The largest eigenvalues of the good and the bad solution."""
    chosen = spectrum[spectrum["role"].notna()].set_index("role").to_dict("index")
    if not {"good", "bad"} <= set(chosen):
        return "Sharpness: no two fitted solutions to compare."
    good, bad = chosen["good"], chosen["bad"]
    ratio = bad["largest"] / good["largest"]
    volumes = bad["log_inverse_volume"] - good["log_inverse_volume"]
    claim = "holds" if ratio > 1 else "does not hold"
    return (
        f"The bad solution is sharper than the good one: {claim}, largest eigenvalue {_solution(bad)} against "
        f"{_solution(good)}, a ratio of {ratio:.2g}; log inverse volumes differ by {volumes:+.1f}."
    )


def left_out(points: pd.DataFrame) -> str:
    """How many replicas are left out of the figures, and why."""
    volume = left_out_note(points["log_inverse_volume_left_out"])
    frobenius = left_out_note(points["frobenius_norm_left_out"])
    if volume == frobenius:
        return f"In the figures: {volume}."
    return f"In the figures: volume, {volume}; Frobenius norm, {frobenius}."


def _solution(row: Mapping[Hashable, Any]) -> str:
    return (
        f"{row['largest']:.3g} at test accuracy {percent(row['test_accuracy'])} % "
        f"(L_S {row['train_loss']:.2g}, |grad L_S| {row['gradient_norm']:.2g})"
    )


def _tau(row: Mapping[Hashable, Any]) -> str:
    value = interval(row["tau"], row["low"], row["high"])
    if not value:
        return f"undecided: {row['reason']}"
    return f"{value} {verdict(row['low'], row['high'])}"


def _span(accuracies: pd.Series) -> str:
    solutions = "solution" if len(accuracies) == 1 else "solutions"
    return f"{percent(accuracies.min())} to {percent(accuracies.max())} % ({len(accuracies)} {solutions})"
