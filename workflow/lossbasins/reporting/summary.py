"""What the study's figures say, in a few lines of plain text."""

from collections.abc import Mapping

import pandas as pd

from lossbasins.reporting.claims import measurement
from lossbasins.reporting.formats import percent
from lossbasins.reporting.protocols import RAW
from lossbasins.reporting.solutions import left_out_note
from lossbasins.reporting.volume import measures_of

NAMES = {"log_inverse_volume": "log inverse volume", "frobenius_norm": "Frobenius norm"}


def summary(comparisons: Mapping[str, pd.DataFrame], claims: pd.DataFrame) -> str:
    """A few lines, each ended: the solutions of every comparison of volumes, and a verdict on every claim.

    Args:
        comparisons: of volumes, by name: the points under each protocol.
        claims: from `lossbasins.reporting.claims.claims_table`.
    """
    lines = []
    for name, points in comparisons.items():
        raw = points[points["protocol"] == RAW]
        lines += [f"{name}: {accuracies(raw)}", f"{name}: {left_out(raw)}"]
    lines += [judged(row) for _, row in claims.iterrows()]
    return "".join(f"{line}\n" for line in lines)


def judged(row: pd.Series) -> str:
    """The verdict on a claim in one place, and the measurement that it rests on."""
    where = f" ({row['where']})" if pd.notna(row["where"]) and row["where"] else ""
    value = measurement(row) or f"nothing: {row['interval']}"
    return (
        f"{row['experiment']}, {row['claim']}{where}: {row['verdict']}; {row['measured']} {value}, to be {row['rule']}"
    )


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


def left_out(points: pd.DataFrame) -> str:
    """How many replicas are left out of the figure, and why.

    Args:
        points: of one protocol.
    """
    notes = {measure: left_out_note(points[f"{measure}_left_out"]) for measure in measures_of(points)}
    if len(set(notes.values())) == 1:
        return f"In the figure: {next(iter(notes.values()))}."
    return f"In the figure: {'; '.join(f'{NAMES[measure]}, {note}' for measure, note in notes.items())}."


def _span(accuracies: pd.Series) -> str:
    solutions = "solution" if len(accuracies) == 1 else "solutions"
    return f"{percent(accuracies.min())} to {percent(accuracies.max())} % ({len(accuracies)} {solutions})"
