"""Made-up kicks of made-up solutions: those of attacked ones move further the longer the kick, and less come back."""

import numpy as np
import pandas as pd

from lossbasins.experiments.basin_stability.compared import compared
from lossbasins.experiments.basin_stability.kick import COLUMNS
from lossbasins.experiments.basin_stability.kick_specs import KINDS
from lossbasins.experiments.basin_stability.returns import half_radii, return_curves
from tests.reporting.measurements import measurements
from tests.reporting.tables import read_back

RADII = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
LOSS = 0.002
CHOICES = {"within": 0.02, "below": 0.9, "loss_within": 0.5}


def kicks_of(evaluation, drift, radii=RADII, kicks=4, seed=0):
    """Test accuracies drift up with the logarithm of the kick, so that half return from a kick of 0.02 / drift."""
    rng = np.random.default_rng(seed)
    fitted = evaluation[evaluation["status"] == "ok"]
    rows = [
        {
            "replica": solution.replica,
            "kind": kind,
            "radius": radius,
            "kick": kick,
            "length": radius * solution.weight_norm,
            "kicked_loss": LOSS + 5 * radius**2 * rng.lognormal(0, 0.1),
            "kicked_train_accuracy": 0.5,
            "kicked_test_accuracy": 0.5,
            "descent": "reached",
            "gradients": 20,
            "train_loss": LOSS,
            "train_accuracy": 1.0,
            "test_accuracy": solution.test_accuracy + drift * radius * rng.lognormal(0, 0.3),
            "agreement": max(0.2, 1 - 0.3 * radius),
            "distance": radius * solution.weight_norm,
            "test_images": 985,
        }
        for solution in fitted.itertuples()
        for kick in range(kicks)
        for kind in KINDS
        for radius in radii
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def solutions_and_curves(kicks=4, **case):
    """What the table is made of, and the two frames."""
    made = measurements(**case)
    evaluations = [frame.assign(train_loss=LOSS) for frame in made.evaluations]
    drifts = [0.02 + 0.3 * np.nan_to_num(label["attack_weight"], nan=0.3) for label in made.labels]
    kicked = [kicks_of(*pair, kicks=kicks, seed=run) for run, pair in enumerate(zip(evaluations, drifts, strict=True))]
    frame, curves = return_curves(made.labels, evaluations, kicked, loss=LOSS, **CHOICES)
    return made, evaluations, kicked, frame, curves


def stability_frames(**case):
    """The solutions and the curves, as they are read back."""
    *_, frame, curves = solutions_and_curves(**case)
    table = half_radii(frame, curves, confidence=0.95, resamples=100, seed=0)
    return [read_back(found) for found in (table, curves)]


def comparisons(table, curves, **changes):
    settings = {"norm_within": 0.1, "confidence": 0.95, "resamples": 100, "smallest_group": 5, "seed": 0}
    return compared(table, curves, **settings | changes)
