"""Claims: each claim, what was measured of it, and the verdict."""

import pandas as pd

from lossbasins.reporting.claims import claims_table, printed_claims
from lossbasins.reporting.evidence import Gather
from lossbasins.specs.claims import Inputs, Judged, Outputs, Spec
from lossbasins.specs.modules import load
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Reads the table of each claim and judges by its rule."""
    judged = [
        (claim, _gatherer(claim)(pd.read_csv(path), spec.confidence))
        for claim, path in zip(spec.judged, inputs.tables, strict=True)
    ]
    table = claims_table(judged)
    write_table(outputs, table, printed_claims(table))


def _gatherer(claim: Judged) -> Gather:
    gather: Gather = getattr(load(claim.module), claim.name)
    return gather
