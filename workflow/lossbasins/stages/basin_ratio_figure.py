"""Basin ratio figure (E8)."""

import pandas as pd

from lossbasins.reporting.figures.basin_ratio import TITLE, basin_ratio_figure
from lossbasins.reporting.rendering import rendered
from lossbasins.specs.basin_ratio_figure import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    ratio, starts, shares = (pd.read_csv(path) for path in (inputs.ratio, inputs.starts, inputs.shares))
    figure = basin_ratio_figure(ratio, starts, shares, context.manifest_id)
    outputs.pdf.write_bytes(rendered(figure, "pdf", TITLE, context.manifest_id))
    outputs.svg.write_bytes(rendered(figure, "svg", TITLE, context.manifest_id))
    outputs.png.write_bytes(rendered(figure, "png", TITLE, context.manifest_id))
