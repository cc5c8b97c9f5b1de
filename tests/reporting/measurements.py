"""Made-up measurements of many runs, in the shapes and sizes of real ones."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

OPTIMIZERS = ("sgd", "momentum", "adam")
DATA = "60 of 70 training and 9 of 9 test images. Photographs, the first 70 (for $0)"
TEST_IMAGES = 900
ATTACKS = ((0.0, 0), (0.05, 400), (0.2, 400), (0.5, 400))
AS_RANDOM = 0.3
"""Random labels, of which the weight is missing, do as much as an attack of this weight."""
CASES = {
    "usual": {"statuses": {(3, 1): "not_fitted", (7, 0): "diverged"}},
    "one run": {"optimizers": ("sgd",), "attacks": ATTACKS[:1]},
    "one attack": {"attacks": ((0.1, 400),)},
    "many settings": {
        "optimizers": ("sgd", "adam"),
        "attacks": ((0.0, 0), *((0.01 * 2**i, 100 * 2**i) for i in range(7))),
    },
    "a run left out": {"attacks": ATTACKS[:2], "statuses": {(1, replica): "not_fitted" for replica in range(4)}},
    "one solution": {"optimizers": ("sgd",), "attacks": ATTACKS[:1], "replicas": 1},
    "nothing": {"optimizers": ("sgd",), "attacks": ATTACKS[:1], "replicas": 1, "statuses": {(0, 0): "diverged"}},
}
"""What `measurements` may be asked for."""


@dataclass
class Measurements:
    """What the tables are made from, one entry per run."""

    labels: list[dict] = field(default_factory=list)
    evaluations: list[pd.DataFrame] = field(default_factory=list)
    spectra: list[dict] = field(default_factory=list)
    frobenius: list[pd.DataFrame] = field(default_factory=list)


def measurements(optimizers=OPTIMIZERS, attacks=ATTACKS, replicas=4, parameters=300, statuses=None, seed=0):
    """Solutions that get sharper and worse with the attack weight; `statuses` maps (run, replica) to a status."""
    rng = np.random.default_rng(seed)
    made = Measurements()
    for optimizer in optimizers:
        for weight, size in attacks:
            run = len(made.labels)
            made.labels.append(_label(optimizer, _name(weight, size), weight, size))
            weight = AS_RANDOM if np.isnan(weight) else weight
            status = [(statuses or {}).get((run, replica), "ok") for replica in range(replicas)]
            evaluation = _evaluation(status, weight, rng)
            fitted = evaluation.loc[evaluation["status"] == "ok", "replica"].to_numpy()
            eigenvalues = np.array([_eigenvalues(parameters, weight, rng) for _ in fitted]).reshape(-1, parameters)
            squared = (eigenvalues**2).sum(axis=1)
            made.evaluations.append(evaluation)
            made.spectra.append({"replica": fitted, "eigenvalues": eigenvalues})
            made.frobenius.append(
                pd.DataFrame(
                    {
                        "replica": fitted,
                        "measure": "frobenius",
                        "value": squared * rng.normal(1, 0.05, fitted.size),
                        "standard_error": 0.1 * squared,
                        "gradients": 100,
                        "reason": "",
                    }
                )
            )
    return made


def _name(weight, size):
    if np.isnan(weight):
        return f"random-r{size}"
    return f"w{weight:g}-n{size}" if weight else "none"


def _label(optimizer, attack, weight, size):
    return {
        "dataset": "digits",
        "model": "mlenet",
        "init": "he",
        "optimizer": optimizer,
        "attack": attack,
        "attack_weight": weight,
        "attack_size": size,
    }


def _evaluation(status, weight, rng):
    replicas = len(status)
    fitted = np.array(status) == "ok"
    return pd.DataFrame(
        {
            "replica": np.arange(replicas),
            "status": status,
            "epochs": rng.integers(50, 300, replicas),
            "train_loss": rng.lognormal(np.log(0.002 + 0.05 * weight), 0.1, replicas),
            "train_accuracy": np.where(fitted, 1.0, 0.8),
            "attack_loss": 0.5 if weight else np.nan,
            "attack_accuracy": 0.9 if weight else np.nan,
            "test_loss": rng.lognormal(0, 0.1, replicas),
            "test_accuracy": 0.96 - 0.9 * weight**0.8 + rng.normal(0, 0.012, replicas),
            "gradient_norm": rng.lognormal(np.log(0.01 + weight), 0.2, replicas),
            "weight_norm": rng.normal(14, 0.5, replicas),
            "test_images": TEST_IMAGES,
            "data": DATA,
        }
    )


def _eigenvalues(parameters, weight, rng):
    large = 60 * (1 + 4 * weight) * rng.lognormal(0, 0.2) * np.exp(-0.09 * np.arange(parameters // 10))
    small = rng.normal(0, 1e-3 * (1 + 20 * weight), parameters // 2)
    dead = rng.normal(0, 1e-17, parameters - large.size - small.size)
    return np.sort(np.concatenate([large, small, dead]))
