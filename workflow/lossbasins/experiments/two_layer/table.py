"""Two-layer networks (E4, section 4): the theorem and its corollary, at good and bad solutions."""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pandas as pd
import torch

from lossbasins.data.parity import attack_points, test_points, train_points
from lossbasins.data.split import Split
from lossbasins.experiments.two_layer.fit import Attack, accuracy, fit, gradient_norm, half_square, new_net
from lossbasins.experiments.two_layer.numbers import printed_two_layer
from lossbasins.experiments.two_layer.specs import ActivationName, TwoLayerSpec
from lossbasins.experiments.two_layer.theorem import one_node, rescaled, terms
from lossbasins.specs.entries import AttackSpec
from lossbasins.specs.files import Images, Table
from lossbasins.stages.arrays import read_split
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table
from lossbasins.training.evaluation import weight_norm

Row = dict[str, Any]


def run(spec: TwoLayerSpec, inputs: Images, outputs: Table, context: Context) -> None:
    """Trains and measures one network after another."""
    split = read_split(inputs.split)
    cases = itertools.product(spec.activations, spec.attacks, enumerate(spec.seeds))
    table = pd.DataFrame(
        [row for case in context.progress(cases, "network") for row in _rows(spec, split, context.device, *case)]
    )
    table["data"] = split.note
    printed = printed_two_layer(table, spec)
    write_table(outputs, table, printed)


def _rows(
    spec: TwoLayerSpec,
    split: Split,
    device: str,
    activation: ActivationName,
    attack: AttackSpec | None,
    start: tuple[int, int],
) -> Iterator[Row]:
    """The solution as trained and, where that is no other function, rescaled."""
    replica, seed = start
    train, test = (points(split, spec.pixels, device) for points in (train_points, test_points))
    wrong = Attack(attack_points(split, attack.size, spec.pixels, device), attack.weight) if attack else None
    net = new_net(train.inputs.shape[1], spec.width, activation, seed).to(device)
    status = fit(net, train, wrong, spec.target_loss, spec.steps)
    solution: Row = {
        "activation": activation,
        "width": spec.width,
        "attack": attack.name if attack else "none",
        "attack_weight": attack.weight if attack else 0.0,
        "attack_size": attack.size if attack else 0,
        "replica": replica,
        "status": status,
        "homogeneous": net.activation.homogeneous,
        "train_accuracy": accuracy(net, train),
        "attack_accuracy": accuracy(net, wrong.points) if wrong else None,
        "test_accuracy": accuracy(net, test),
        "train_loss": half_square(net, train).item(),
    }
    variants = {("none", 1.0): net}
    if status == "ok" and net.activation.homogeneous:
        for factor in spec.factors:
            variants["all", factor] = rescaled(net, torch.tensor(factor, device=device))
            variants["one", factor] = rescaled(net, one_node(net, train.inputs, factor))
    for (nodes, factor), variant in variants.items():
        row = solution | {"rescaled": nodes, "factor": factor}
        row |= {"gradient_norm": gradient_norm(variant, train), "weight_norm": weight_norm(variant)}
        if status == "ok":
            row |= dataclasses.asdict(terms(variant, train.inputs, train.targets, test.inputs))
        yield row
