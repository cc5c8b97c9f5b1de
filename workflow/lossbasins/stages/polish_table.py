"""Polish table: what descending L_S alone does to solutions, and above all to their test accuracy."""

import pandas as pd

from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.reporting.polish import polish_table
from lossbasins.reporting.printed import printed_polish
from lossbasins.specs.polish_table import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Sets every replica before beside itself after."""
    before, after, polish = (
        [pd.read_csv(path) for path in paths] for paths in (inputs.before, inputs.after, inputs.polish)
    )
    table = polish_table(spec.labels(), before, after, polish)
    printed = printed_polish(table, spec.target)
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
