"""The primary test, and which measures order solutions better than |w|, for the summary."""

import pandas as pd

from lossbasins.reporting.formats import interval
from lossbasins.reporting.sentences import AGAINST, Said


def sentences(table: pd.DataFrame) -> list[Said]:
    """What measures of a basin add to the norm of the weights.

    Args:
        table: from `lossbasins.experiments.measures.numbers.rankings`.
    """
    row = table[table["primary"]].iloc[0]
    told = [] if pd.isna(row["within"]) else [Said(row["protocol"], primary(row))]
    return [*told, Said(AGAINST, better(table))]


def primary(row: pd.Series) -> str:
    """What the one test that is not corrected says."""
    tau = interval(row["within"], row["within_low"], row["within_high"])
    test = f"the primary test, of {row['measure']} within cells of {row['solutions']} solutions"
    return f"{test}, gives tau {tau}, p = {row['within_p']:.2g}"


def better(table: pd.DataFrame) -> str:
    """Measures whose tau is below that of |w| by their whole interval."""
    rows = table[(table["difference_high"] < 0) & ~table["null"]]
    names = ", ".join(f"{row['measure']} ({row['protocol']})" for row in rows.to_dict("records"))
    if names:
        return f"only {names} order solutions better than |w|"
    return "no measure is seen to order solutions better than |w|"
