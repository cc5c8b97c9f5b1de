"""Made-up runs with full and mini batches, and their tables."""

import numpy as np

from lossbasins.experiments.batch_size.numbers import batch_size_points, batch_size_table
from lossbasins.experiments.batch_size.specs import BatchSizeChoices
from tests.reporting.accuracies import evaluation, label
from tests.reporting.tables import read_back

CHOICES = BatchSizeChoices(full="full-batch", mini="sgd", confidence=0.9)
MODELS = ("mlenet", "lenet", "snin")
LEVELS = {"full-batch/none": 0.95, "sgd/none": 0.96, "sgd/w0.3-n300": 0.6}
CASES = {
    "usual": {"statuses": {(0, 1): "not_fitted", (4, 0): "diverged"}},
    "one model": {"models": MODELS[:1]},
    "many models": {"models": (*MODELS, "resnet18", "a-net-of-my-own")},
    "one replica": {"replicas": 1},
    "no bad solution": {"statuses": {(2, replica): "not_fitted" for replica in range(4)}},
    "nothing": {"models": MODELS[:1], "replicas": 1, "statuses": {(run, 0): "diverged" for run in range(3)}},
}


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
    points = batch_size_points(*batch_sizes(**case), CHOICES)
    table = batch_size_table(points, CHOICES.confidence)
    return [read_back(frame) for frame in (points, table)]
