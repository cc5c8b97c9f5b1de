"""Made-up evaluations of runs whose accuracies are compared."""

import numpy as np
import pandas as pd

from tests.reporting.measurements import DATA


def label(model="mlenet", init="he", optimizer="sgd", attack="none"):
    weight, size = (0.3, 300) if attack != "none" else (0.0, 0)
    names = {"dataset": "digits", "model": model, "init": init, "optimizer": optimizer, "attack": attack}
    return names | {"attack_weight": weight, "attack_size": size}


def evaluation(statuses, test, rng, train=1.0):
    """Accuracies around a level, one for each status."""
    train_accuracies = {"ok": train, "not_fitted": train - 0.01, "diverged": np.nan}
    return pd.DataFrame(
        {
            "replica": range(len(statuses)),
            "status": statuses,
            "train_accuracy": [train_accuracies[status] for status in statuses],
            "test_accuracy": np.where(np.array(statuses) == "diverged", np.nan, rng.normal(test, 0.01, len(statuses))),
            "data": DATA,
        }
    )
