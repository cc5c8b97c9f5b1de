"""Arrays measured of every fitted replica of a run, such as its spectrum."""

from lossbasins.specs.measure import ArrayOutputs, Inputs, Spec
from lossbasins.specs.modules import MEASURE, constants, load, module_name
from lossbasins.stages.context import Context
from lossbasins.stages.measured import write_arrays
from lossbasins.stages.measuring import fitted_solutions


def run(spec: Spec, inputs: Inputs, outputs: ArrayOutputs, context: Context) -> None:
    """Takes the one measure of one replica after another."""
    (chosen,) = spec.measures
    measure = load(module_name(MEASURE, chosen.name)).measure
    measured = {
        replica: measure(solution, **chosen.options) for replica, (solution,) in fitted_solutions(spec, inputs, context)
    }
    names = constants(MEASURE, chosen.name)["ARRAYS"]
    write_arrays(outputs.arrays, list(measured), names, list(measured.values()))
