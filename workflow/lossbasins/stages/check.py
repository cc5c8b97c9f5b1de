"""A network, built for the data of a split and tried on a few of them."""

import json

import torch

from lossbasins.data.kinds import KINDS
from lossbasins.data.tensors import train_part
from lossbasins.specs.check import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import input_shape
from lossbasins.training.fitness import checked_network


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001, all stages alike
    """Says how large it is, unless there is something wrong with it."""
    split = read_split(inputs.split)
    given = dict(zip(KINDS[split.kind].arguments, input_shape(split), strict=True)) | {"classes": split.classes}
    model = checked_network(spec.model, given, train_part(split, torch.float64, "cpu"))
    said = {"parameters": sum(values.numel() for values in model.parameters()), "given": given}
    outputs.network.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
