"""Made-up runs under several initialisations, and their tables."""

import numpy as np

from lossbasins.experiments.initialization.numbers import (
    initialization_points,
    initialization_spread,
    initialization_table,
)
from lossbasins.experiments.initialization.specs import Case, Paper, Row
from tests.reporting.accuracies import evaluation, label
from tests.reporting.tables import read_back

PAPER = Paper(name="LeNet on MNIST", training_images=60000, runs=6)
ROWS = {
    "lecun-uniform": Row(init="lecun-uniform", train=(99.92, 0.15), test=(99.00, 0.19)),
    "glorot-uniform": Row(init="glorot-uniform", train=(99.82, 0.33), test=(98.99, 0.23)),
    "he-uniform": Row(init="he-uniform", train=(99.97, 0.01), test=(99.19, 0.03)),
    "he": Row(init="he", train=(100, 0), test=(99.13, 0.11)),
}
CASES = {
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
