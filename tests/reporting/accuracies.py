"""Made-up evaluations of runs whose accuracies are compared."""

import io

import numpy as np
import pandas as pd

from lossbasins.reporting.batch_size import batch_size_points, batch_size_table
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.batch_size_table import BatchSizeChoices

BATCH_SIZES = BatchSizeChoices(full="full-batch", mini="sgd", confidence=0.9)
MODELS = ("mlenet", "lenet", "snin")
LEVELS = {"full-batch/none": 0.95, "sgd/none": 0.96, "sgd/w0.3-n300": 0.6}
BATCH_CASES = {
    "usual": {"statuses": {(0, 1): "not_fitted", (4, 0): "diverged"}},
    "one model": {"models": MODELS[:1]},
    "many models": {"models": (*MODELS, "resnet18", "a-net-of-my-own")},
    "one replica": {"replicas": 1},
    "no bad solution": {"statuses": {(2, replica): "not_fitted" for replica in range(4)}},
    "nothing": {"models": MODELS[:1], "replicas": 1, "statuses": {(run, 0): "diverged" for run in range(3)}},
}


def label(model="mlenet", init="he", optimizer="sgd", attack="none"):
    weight, size = (0.3, 300) if attack != "none" else (0.0, 0)
    names = {"dataset": "digits", "model": model, "init": init, "optimizer": optimizer, "attack": attack}
    return names | {"attack_weight": weight, "attack_size": size}


def evaluation(statuses, test, rng, train=1.0):
    """Accuracies around a level, one for each status."""
    return pd.DataFrame(
        {
            "replica": range(len(statuses)),
            "status": statuses,
            "train_accuracy": np.where(np.array(statuses) == "ok", train, train - 0.01),
            "test_accuracy": np.where(np.array(statuses) == "diverged", np.nan, rng.normal(test, 0.01, len(statuses))),
        }
    )


def batch_sizes(models=MODELS, replicas=4, statuses=None, seed=0):
    """Labels and evaluations of three runs per model; `statuses` maps (run, replica) to a status."""
    rng = np.random.default_rng(seed)
    runs = [(model, *kind.split("/"), level) for model in models for kind, level in LEVELS.items()]
    labels = [label(model=model, optimizer=optimizer, attack=attack) for model, optimizer, attack, _ in runs]
    evaluations = [
        evaluation([(statuses or {}).get((run, replica), "ok") for replica in range(replicas)], level, rng)
        for run, (*_, level) in enumerate(runs)
    ]
    return labels, evaluations


def batch_size_frames(**case):
    """The points and the table, as they are read back."""
    points = batch_size_points(*batch_sizes(**case), BATCH_SIZES)
    table = batch_size_table(points, BATCH_SIZES.confidence)
    return [read_back(frame) for frame in (points, table)]


def read_back(frame):
    return pd.read_csv(io.StringIO(to_csv(frame)))
