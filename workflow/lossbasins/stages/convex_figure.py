"""Convex figure (E7, Appendix B)."""

import pandas as pd

from lossbasins.reporting.figures.convex import TITLE, convex_figure
from lossbasins.reporting.rendering import rendered
from lossbasins.specs.convex_figure import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = convex_figure(pd.read_csv(inputs.table), pd.read_csv(inputs.eigenvalues), context.manifest_id)
    outputs.pdf.write_bytes(rendered(figure, "pdf", TITLE, context.manifest_id))
    outputs.svg.write_bytes(rendered(figure, "svg", TITLE, context.manifest_id))
    outputs.png.write_bytes(rendered(figure, "png", TITLE, context.manifest_id))
