"""Random samples of two classes, and models that are linear in their parameters."""

import numpy as np

from lossbasins.experiments.convex.minima import Comparison, Kind, Samples, compare, features_of


def samples(size: int, parameters: int, seed: int) -> Samples:
    """Two Gaussian classes, whose means are four deviations apart in the first feature."""
    random = np.random.default_rng(seed)
    features, targets = random.normal(size=(size, parameters)), random.choice([-1.0, 1.0], size)
    features[:, 0] += 2 * targets
    return Samples(features, targets)


def comparisons(kinds: tuple[Kind, ...] = ("ReLU features", "cosine features")) -> dict[Kind, list[Comparison]]:
    """Of 8 inputs in two classes; in the attack set each has the target of the other."""
    made = {}
    for kind in kinds:
        features = features_of(kind, 8, 60, 2, 1)
        train, attack, test = (samples(size, 8, seed) for seed, size in enumerate((20, 15, 200)))
        made[kind] = compare(
            Samples(features(train.features), train.targets),
            Samples(features(attack.features), -attack.targets),
            Samples(features(test.features), test.targets),
        )
    return made
