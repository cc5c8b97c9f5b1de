"""A made-up table of two-layer networks, as their stage writes it."""

import itertools

import numpy as np
import pandas as pd

from lossbasins.experiments.two_layer.numbers import MEASURES


def two_layer_frame(
    activations=("tanh", "relu"), attacks=((0.0, 0), (1.0, 100)), replicas=3, factors=(0.5, 2.0), statuses=None
):
    """One row per solution and rescaling; `statuses` maps (activation, attack number, replica) to another than ok."""
    rng = np.random.default_rng(0)
    rows = []
    for activation, (number, (weight, size)), replica in itertools.product(
        activations, enumerate(attacks), range(replicas)
    ):
        status = (statuses or {}).get((activation, number, replica), "ok")
        solution = {
            "activation": activation,
            "width": 40,
            "attack": f"w{weight:g}-n{size}" if size else "none",
            "attack_weight": weight,
            "attack_size": size,
            "replica": replica,
            "status": status,
            "homogeneous": activation == "relu",
            "test_accuracy": 0.98 - 0.3 * number - 0.001 * replica,
            "train_loss": 0.001,
            "data": "9 of 10 training images",
        }
        variants = [("none", 1.0)]
        if status == "ok" and solution["homogeneous"]:
            variants += [(nodes, factor) for factor in factors for nodes in ("all", "one")]
        for nodes, factor in variants:
            row = solution | {"rescaled": nodes, "factor": factor}
            if status == "ok":
                draws = rng.lognormal(mean=2 * number, sigma=0.3, size=len(MEASURES) + 1)
                row |= dict(zip([*MEASURES, "inner_product"], draws, strict=True)) | {
                    name: solution[name] for name in ("test_accuracy", "train_loss")
                }
            rows.append(row)
    return pd.DataFrame(rows)
