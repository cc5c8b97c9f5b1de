"""Raw data divided into training, attack and test sets."""

from lossbasins.data.split import make_split
from lossbasins.specs.split import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_raw, write_split
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001, all stages alike
    """Makes the split and writes it."""
    write_split(outputs.split, make_split(read_raw(inputs.images), spec, spec.seed))
