"""What the study's figures say, in a few lines of plain text."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lossbasins.reporting.formats import interval, percent
from lossbasins.reporting.protocols import RAW
from lossbasins.reporting.solutions import left_out_note
from lossbasins.reporting.volume import ALL, GIVEN_LOSS, measures_of

NAMES = {"log_inverse_volume": "log inverse volume", "frobenius_norm": "Frobenius norm"}


def summary(spectrum: pd.DataFrame, comparisons: Mapping[str, Sequence[pd.DataFrame]]) -> str:
    """A few lines, each ended; a claim that does not hold is said as such.

    Args:
        spectrum: one row per replica, from `lossbasins.reporting.spectrum.spectrum_table`.
        comparisons: of volumes, by name: the points under each protocol, and their correlations.
    """
    lines = [sharpness(spectrum)]
    for name, (points, correlations) in comparisons.items():
        raw = points[points["protocol"] == RAW]
        lines += [f"{name}: {accuracies(raw)}", f"{name}: {left_out(raw)}"]
        for protocol, measure in correlations[["protocol", "measure"]].drop_duplicates().itertuples(index=False):
            rows = correlations[(correlations["protocol"] == protocol) & (correlations["measure"] == measure)]
            lines.append(f"{name}, {protocol}: {rank_correlation(rows, NAMES[measure])}")
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
        rows: the correlations of one protocol and measure.
        name: of the measure.
    """
    groups = rows.set_index("group").to_dict("index")
    attacks = [group for group in groups if group not in (ALL, GIVEN_LOSS, "none")]
    parts = [f"overall {_tau(groups[ALL])}", f"at fixed training loss {_tau(groups[GIVEN_LOSS])}"]
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
    """How many replicas are left out of the figure, and why.

    Args:
        points: of one protocol.
    """
    notes = {measure: left_out_note(points[f"{measure}_left_out"]) for measure in measures_of(points)}
    if len(set(notes.values())) == 1:
        return f"In the figure: {next(iter(notes.values()))}."
    return f"In the figure: {'; '.join(f'{NAMES[measure]}, {note}' for measure, note in notes.items())}."


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
