"""Curve fitting figure (E1, the paper's Fig. 1)."""

import pandas as pd

from lossbasins.reporting.figures.curve_fitting import TITLE, curve_fitting_figure
from lossbasins.reporting.rendering import rendered
from lossbasins.specs.curve_fitting_figure import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = curve_fitting_figure(pd.read_csv(inputs.table), pd.read_csv(inputs.curves), context.manifest_id)
    outputs.pdf.write_bytes(rendered(figure, "pdf", TITLE, context.manifest_id))
    outputs.svg.write_bytes(rendered(figure, "svg", TITLE, context.manifest_id))
    outputs.png.write_bytes(rendered(figure, "png", TITLE, context.manifest_id))
