"""Arrays measured of every fitted replica of a run, such as its spectrum."""

from lossbasins.measures.solution import Measured
from lossbasins.specs.measure import ArrayOutputs, Inputs, Spec
from lossbasins.specs.modules import MEASURE, constants
from lossbasins.stages.context import Context
from lossbasins.stages.measured import Arrays, write_arrays
from lossbasins.stages.measuring import measured


def run(spec: Spec, inputs: Inputs, outputs: ArrayOutputs, context: Context) -> None:
    """Takes the one measure of one replica after another."""
    (chosen,) = spec.measures
    names = constants(MEASURE, chosen.name)["ARRAYS"]
    found = {replica: result for replica, (result,) in measured(spec, inputs, context)}
    write_arrays(outputs.arrays, list(found), names, [_checked(result) for result in found.values()])


def _checked(result: Measured | Arrays) -> Arrays:
    assert not isinstance(result, Measured)
    return result
