"""What the study says, in a few lines of plain text."""

from collections.abc import Iterable

import pandas as pd

from lossbasins.reporting.claims import measurement


def summary(told: Iterable[tuple[str, str]], claims: pd.DataFrame) -> str:
    """A few lines, each ended: what experiments say of their tables, and a verdict on every claim.

    Args:
        told: the name of each experiment, or of its entry, and a sentence.
        claims: from `lossbasins.reporting.claims.claims_table`.
    """
    lines = [*(f"{name}: {sentence}" for name, sentence in told), *(judged(row) for _, row in claims.iterrows())]
    return "".join(f"{line}\n" for line in lines)


def judged(row: pd.Series) -> str:
    """The verdict on a claim in one place, and the measurement that it rests on."""
    where = f" ({row['where']})" if pd.notna(row["where"]) and row["where"] else ""
    value = measurement(row) or f"nothing: {row['interval']}"
    return (
        f"{row['experiment']}, {row['claim']}{where}: {row['verdict']}; {row['measured']} {value}, to be {row['rule']}"
    )
