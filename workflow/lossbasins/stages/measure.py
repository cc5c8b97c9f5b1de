"""Numbers measured of every fitted replica of a run."""

import math
from dataclasses import asdict

import pandas as pd

from lossbasins.measures.solution import Measured
from lossbasins.specs.measure import Inputs, Outputs, Spec
from lossbasins.specs.modules import MEASURE, load, module_name
from lossbasins.stages.context import Context
from lossbasins.stages.measuring import fitted_solutions

COLUMNS = ["replica", "measure", *Measured.__dataclass_fields__]


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Takes one measure after another of one replica after another; a value that is missing says why."""
    rows = []
    for replica, solutions in fitted_solutions(spec, inputs, context):
        for chosen, solution in zip(spec.measures, solutions, strict=True):
            measured: Measured = load(module_name(MEASURE, chosen.name)).measure(solution, **chosen.options)
            reason = measured.reason or ("" if math.isfinite(measured.value) else "not finite")
            name = chosen.name.rpartition(".")[2]
            rows.append({"replica": replica, "measure": name} | asdict(measured) | {"reason": reason})
    pd.DataFrame(rows, columns=COLUMNS).to_csv(outputs.values, index=False)
