"""Which solutions are compared, in two sentences for the summary."""

import pandas as pd

from lossbasins.reporting.formats import percent
from lossbasins.reporting.protocols import RAW
from lossbasins.reporting.solutions import left_out_note
from lossbasins.reporting.volume import measures_of

NAMES = {"log_inverse_volume": "log inverse volume", "frobenius_norm": "Frobenius norm"}


def sentences(points: pd.DataFrame) -> list[str]:
    """What accuracies the solutions as trained span, and how many are left out.

    Args:
        points: one row per replica and protocol.
    """
    raw = points[points["protocol"] == RAW]
    return [accuracies(raw), left_out(raw)]


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
