"""Whether bad solutions stay bad when the training loss alone is descended, for the summary."""

import pandas as pd

from lossbasins.reporting.formats import percent
from lossbasins.reporting.sentences import AGAINST, Said


def sentences(table: pd.DataFrame) -> list[Said]:
    """What becomes of attacked solutions.

    Args:
        table: one row per solution, before and after.
    """
    attacked = table[(table["attack"] != "none") & (table["polish"] == "reached")]
    if attacked.empty:
        return []
    before, after = (percent(attacked[f"test_accuracy_{when}"].median()) for when in ("before", "after"))
    descended = f"let loose on the training loss alone, {len(attacked)} attacked solutions"
    return [Said(AGAINST, f"{descended} go from {before} to {after} % test accuracy in the median")]
