"""Made-up solutions before and after they were polished."""

import numpy as np
import pandas as pd

from tests.reporting.measurements import ATTACKS, measurements


def polished(ways=None, attacks=ATTACKS[:3], optimizers=("sgd", "adam"), replicas=3):
    """Labels, evaluations before and after, and how each went; `ways` maps (run, replica) to a status of polish."""
    before, after = (measurements(optimizers, attacks, replicas=replicas, seed=seed) for seed in (0, 1))
    polish = [
        pd.DataFrame(
            {
                "replica": np.arange(replicas),
                "polish": [(ways or {}).get((run, replica), "reached") for replica in range(replicas)],
                "gradients": 10 * run + np.arange(replicas) + 1,
                "distance": 0.5 + run + 0.1 * np.arange(replicas),
            }
        )
        for run in range(len(before.labels))
    ]
    return before.labels, before.evaluations, after.evaluations, polish
