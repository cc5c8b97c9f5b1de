"""Basin stability table (E10): how hard a kick each solution comes back from."""

import pandas as pd

from lossbasins.experiments.basin_stability.returns import half_radii, printed_returns, return_curves
from lossbasins.experiments.basin_stability.specs import ReturnInputs, ReturnOutputs, ReturnSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: ReturnSpec, inputs: ReturnInputs, outputs: ReturnOutputs, context: Context) -> None:  # noqa: ARG001
    """Counts the returns of each solution."""
    evaluations, kicks = ([pd.read_csv(path) for path in paths] for paths in (inputs.evaluation, inputs.kicks))
    frame, curves = return_curves(
        spec.labels(),
        evaluations,
        kicks,
        loss=spec.loss,
        within=spec.within,
        below=spec.below,
        loss_within=spec.loss_within,
    )
    table = half_radii(frame, curves, confidence=spec.confidence, resamples=spec.resamples, seed=spec.seed)
    outputs.curves.write_text(to_csv(curves))
    write_table(outputs, table, printed_returns(table, curves, spec.within))
