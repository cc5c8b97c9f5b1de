"""Claims: each of the paper's claims, what was measured of it, and the verdict."""

import pandas as pd

from lossbasins.reporting.claims import claims_table, printed_claims
from lossbasins.reporting.evidence import gathered
from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.specs.claims import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Reads the tables of all experiments and judges by the rules."""
    read = {name: [pd.read_csv(path) for path in paths] for name, paths in vars(inputs).items()}
    comparisons = dict(zip(spec.comparisons, read.pop("volume"), strict=True))
    tables = {name: frames[0] for name, frames in read.items() if frames}
    table = claims_table(gathered(tables, comparisons, spec.confidence), spec.rules)
    printed = printed_claims(table)
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
