"""Numbers measured of every fitted replica of a run."""

import math
from dataclasses import asdict

import pandas as pd

from lossbasins.measures.solution import Measured
from lossbasins.specs.measure import Inputs, Outputs, Spec
from lossbasins.stages.context import Context
from lossbasins.stages.measuring import measured

COLUMNS = ["replica", "measure", *Measured.__dataclass_fields__]


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Takes one measure after another of one replica after another; a value that is missing says why."""
    rows = []
    for replica, results in measured(spec, inputs, context):
        for chosen, result in zip(spec.measures, results, strict=True):
            assert isinstance(result, Measured)
            reason = result.reason or ("" if math.isfinite(result.value) else "not finite")
            name = chosen.name.rpartition(".")[2]
            rows.append({"replica": replica, "measure": name} | asdict(result) | {"reason": reason})
    pd.DataFrame(rows, columns=COLUMNS).to_csv(outputs.values, index=False)
