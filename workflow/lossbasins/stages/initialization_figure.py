"""Initialization figure (E3): test accuracies behind Table 1, ours beside the paper's."""

import pandas as pd

from lossbasins.reporting.figures.initialization import TITLE, initialization_figure
from lossbasins.reporting.rendering import rendered
from lossbasins.specs.initialization_figure import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = initialization_figure(pd.read_csv(inputs.points), pd.read_csv(inputs.table), context.manifest_id)
    outputs.pdf.write_bytes(rendered(figure, "pdf", TITLE, context.manifest_id))
    outputs.svg.write_bytes(rendered(figure, "svg", TITLE, context.manifest_id))
    outputs.png.write_bytes(rendered(figure, "png", TITLE, context.manifest_id))
