"""The primary test, and which measures order solutions better than |w|, in sentences for the summary."""

import pandas as pd

from lossbasins.reporting.formats import interval


def sentences(table: pd.DataFrame) -> list[str]:
    """Two of them.

    Args:
        table: from `lossbasins.experiments.measures.numbers.rankings`.
    """
    return [primary(table[table["primary"]].iloc[0]), better(table)]


def primary(row: pd.Series) -> str:
    """What the one test that is not corrected says."""
    name = f"Primary test, {row['measure']}, {row['protocol']}, within cells"
    if pd.isna(row["within"]):
        return f"{name}: none ({row['within_reason']})."
    tau = interval(row["within"], row["within_low"], row["within_high"])
    return f"{name}: tau {tau}, p = {row['within_p']:.2g}, {row['solutions']} solutions, {row['left_out']} left out."


def better(table: pd.DataFrame) -> str:
    """Measures whose tau is below that of |w| by their whole interval."""
    rows = table[(table["difference_high"] < 0) & ~table["null"]]
    names = ", ".join(f"{row['measure']} ({row['protocol']})" for row in rows.to_dict("records"))
    return f"Measures that order solutions better than |w|: {names or 'none'}."
