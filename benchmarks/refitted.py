"""What correlations at one loss rest on: python benchmarks/refitted.py POINTS.

POINTS is a study's table, such as results/published/mnist-300/tables/measures_points.csv. A solution that had not
fitted its training set as trained is no minimum, and descends far to the one loss; one whose attack set had not been
fitted may lose what made it bad. Prints Kendall's tau of test accuracy and three measures within cells, and beyond what
|w| explains, of all solutions at one loss, of those that had fitted, and of those that had fitted their attack set too.
"""

import argparse
import sys
from collections.abc import Callable

import numpy as np
import pandas as pd

from lossbasins.experiments.measures.cells import ranked
from lossbasins.reporting.formats import interval
from lossbasins.reporting.ranking import Ranking, ranking

MEASURES = ["log_inverse_volume", "weight_norm", "relative_volume"]
SETS = {"all": "matched", "fitted as trained": "raw", "attack set fitted too": "interpolated"}
"""Each with the protocol under which its solutions count."""
SOLUTION = ["dataset", "model", "init", "optimizer", "attack", "replica"]
RESAMPLES = 2000


def counted(points: pd.DataFrame, measure: str, protocol: str) -> pd.DataFrame:
    """Points of a measure at one loss, of the solutions that count under another protocol too.

    Args:
        points: the table.
        measure: name of it.
        protocol: raw, interpolated or matched.
    """
    rows = points[(points["measure"] == measure) & points["left_out"].isna()]
    there = rows.loc[rows["protocol"] == protocol, SOLUTION]
    return rows[rows["protocol"] == "matched"].merge(there, on=SOLUTION).reset_index(drop=True)


def compared(rows: pd.DataFrame, seed: str) -> Ranking:
    """How the measure orders them.

    Args:
        rows: from `counted`.
        seed: of the resamples.
    """
    rng = np.random.default_rng([0, *seed.encode()])
    return ranking(ranked(rows), resamples=RESAMPLES, confidence=0.95, smallest_group=5, rng=rng)


def main(table: str, write: Callable[[str], object] = sys.stdout.write) -> None:
    """A row for each set of solutions and measure, written as it is known."""
    points = pd.read_csv(table)
    write(f"{'at one loss':<24}{'measure':<20}{'solutions':>10}  {'within cells':<24}beyond |w|\n")
    for name, protocol in SETS.items():
        for measure in MEASURES:
            rows = counted(points, measure, protocol)
            found = compared(rows, f"{protocol}/{measure}")
            within, beyond = (interval(one.value, one.low, one.high) for one in (found.within, found.beyond_norm))
            write(f"{name:<24}{measure:<20}{len(rows):>10}  {within:<24}{beyond}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("points", help="measures_points.csv of a study that has three protocols")
    main(parser.parse_args().points)
