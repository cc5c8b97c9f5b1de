"""Batch size figure (E2): test accuracies behind the table of section 3.1."""

import pandas as pd

from lossbasins.reporting.figures.batch_size import TITLE, batch_size_figure
from lossbasins.reporting.rendering import rendered
from lossbasins.specs.batch_size_figure import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = batch_size_figure(pd.read_csv(inputs.points), pd.read_csv(inputs.table), context.manifest_id)
    outputs.pdf.write_bytes(rendered(figure, "pdf", TITLE, context.manifest_id))
    outputs.svg.write_bytes(rendered(figure, "svg", TITLE, context.manifest_id))
    outputs.png.write_bytes(rendered(figure, "png", TITLE, context.manifest_id))
