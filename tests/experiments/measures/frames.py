"""Made-up measures of many solutions, and the tables of them."""

import numpy as np
import pandas as pd

from lossbasins.experiments.measures.differences import differences, half_sums, pairs_of
from lossbasins.experiments.measures.numbers import compared_environments, points, rank_curves, rankings, with_worst
from lossbasins.experiments.measures.specs import MeasureChoices
from lossbasins.reporting.protocols import away_from_minima
from lossbasins.reporting.solutions import solutions
from tests.reporting.measurements import measurements
from tests.reporting.tables import read_back

CHOICES = MeasureChoices(below=0.9, resamples=50, permutations=99, largest_k=40)
MEASURES = ("free_energy", "free_energy_double", "free_energy_half", "log_inverse_volume", "quadratic_free_energy")
NULLS = ("distance", "weight_norm")


def values_of(evaluations, seed=0, measures=(*MEASURES, *NULLS), failed=0):
    """Of each run a frame: free energies that rise as accuracy falls, of which the first `failed` did not converge."""
    rng = np.random.default_rng(seed)
    frames = []
    for evaluation in evaluations:
        fitted = evaluation[evaluation["status"] == "ok"]
        rows = []
        for measure in measures:
            noise = rng.normal(size=len(fitted))
            value = noise if measure in NULLS else 60 - 50 * fitted["test_accuracy"] + noise
            rows.append(
                pd.DataFrame(
                    {
                        "replica": fitted["replica"],
                        "measure": measure,
                        "value": fitted["weight_norm"] if measure == "weight_norm" else value,
                        "standard_error": 0.3 if "free" in measure else 0.0,
                        "gradients": 100,
                        "reason": None,
                    }
                )
            )
        frames.append(pd.concat(rows, ignore_index=True))
    for frame in frames[:failed]:
        lost = frame["measure"] == "free_energy"
        frame.loc[lost, "value"], frame.loc[lost, "reason"] = np.nan, "R-hat 1.4"
    return frames


def compared(**case):
    """The solutions under the three protocols, what they are made of, and their labels."""
    made = measurements(**case)
    trained = solutions(made.labels, made.evaluations)
    reasons = away_from_minima(trained, 0.9, 0.3)
    kept = trained.assign(left_out=trained["left_out"].fillna(reasons).astype("str"))
    return {"raw": trained, "interpolated": kept, "matched": trained}, made


def measures_frames(choices=CHOICES, measures=(*MEASURES, *NULLS), failed=0, **case):
    """The table, its points, ranks, environments, pairs and differences, as they are read back."""
    protocols, made = compared(**case)
    values = values_of(made.evaluations, measures=measures, failed=failed)
    frame = points(protocols, made.labels, dict.fromkeys(protocols, values), dict.fromkeys(protocols, measures))
    environments = compared_environments(frame, choices.errors_apart)
    table = with_worst(rankings(frame, choices, 0), environments)
    matched = pd.concat(
        [frame[frame["protocol"] == "matched"], half_sums(protocols["matched"], made.spectra, choices.largest_k)]
    )
    pairs = pairs_of(matched, choices.below)
    ranks = rank_curves(protocols, dict.fromkeys(protocols, made.spectra), choices.largest_k)
    found = (table, frame, ranks, environments, pairs, differences(pairs, choices, measures))
    return [read_back(one) for one in found]
