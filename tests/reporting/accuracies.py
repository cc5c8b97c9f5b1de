"""Made-up evaluations of runs whose accuracies are compared."""

import io

import numpy as np
import pandas as pd

from lossbasins.reporting.batch_size import batch_size_points, batch_size_table
from lossbasins.reporting.formats import to_csv
from lossbasins.reporting.initialization import initialization_points, initialization_spread, initialization_table
from lossbasins.specs.batch_size_table import BatchSizeChoices
from lossbasins.specs.initialization_table import Case, Paper, Row
from tests.reporting.measurements import DATA

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


PAPER = Paper(name="LeNet on MNIST", training_images=60000, runs=6)
ROWS = {
    "lecun-uniform": Row(init="lecun-uniform", train=(99.92, 0.15), test=(99.00, 0.19)),
    "glorot-uniform": Row(init="glorot-uniform", train=(99.82, 0.33), test=(98.99, 0.23)),
    "he-uniform": Row(init="he-uniform", train=(99.97, 0.01), test=(99.19, 0.03)),
    "he": Row(init="he", train=(100, 0), test=(99.13, 0.11)),
}
INIT_CASES = {
    "usual": {"statuses": {(0, 0, 1): "not_fitted", (0, 2, 0): "diverged"}},
    "two inits": {"inits": ("he-uniform", "he")},
    "several cases": {"models": ("lenet", "resnet18", "mlenet")},
    "one replica": {"replicas": 1},
    "an init left out": {"statuses": {(0, 0, replica): "diverged" for replica in range(4)}},
    "nothing": {"replicas": 1, "statuses": {(0, init, 0): "diverged" for init in range(4)}},
}


def initializations(models=("lenet",), inits=tuple(ROWS), replicas=4, statuses=None, images=512, seed=0):
    """Labels, evaluations, and cases; `statuses` maps (case, init, replica) to a status."""
    rng = np.random.default_rng(seed)
    labels, evaluations = [], []
    for case, model in enumerate(models):
        for position, init in enumerate(inits):
            labels.append(label(model=model, init=init))
            status = [(statuses or {}).get((case, position, replica), "ok") for replica in range(replicas)]
            evaluations.append(evaluation(status, 0.95 + 0.01 * position, rng))
    same = {"dataset": "digits", "optimizer": "sgd", "paper": PAPER, "training_images": images}
    cases = tuple(Case(model=model, rows=tuple(ROWS[init] for init in inits), **same) for model in models)
    return labels, evaluations, cases


def initialization_frames(**case):
    """The points, the table and the spread, as they are read back, and the cases."""
    labels, evaluations, cases = initializations(**case)
    points = initialization_points(labels, evaluations)
    table = initialization_table(points, cases)
    return *(read_back(frame) for frame in (points, table, initialization_spread(points, cases, 0.9))), cases
