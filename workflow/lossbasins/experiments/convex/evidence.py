"""Whether linear models have the same Hessian at good and bad minima (E7)."""

import pandas as pd

from lossbasins.reporting.evidence import Evidence, exact


def convex(table: pd.DataFrame, _: float) -> list[Evidence]:
    """The largest difference of eigenvalues over the largest eigenvalue, over all models, for each pair of minima.

    Args:
        table: from `lossbasins.experiments.convex.numbers.comparison_table`.
    """
    largest = table[["good_largest", "bad_largest"]].max(axis=1)
    relative = (table["difference"] / largest)[largest > 0]
    return [exact(str(pair), share.max()) for pair, share in relative.groupby(table["pair"], sort=False)]
