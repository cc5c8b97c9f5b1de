"""Volume figure (E6, the paper's Fig. 3)."""

import pandas as pd

from lossbasins.reporting.figures.volume import TITLE, volume_figure
from lossbasins.reporting.rendering import rendered
from lossbasins.specs.volume_figure import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Draws once and saves in three formats."""
    figure = volume_figure(pd.read_csv(inputs.points), pd.read_csv(inputs.table), spec.top, context.manifest_id)
    outputs.pdf.write_bytes(rendered(figure, "pdf", TITLE, context.manifest_id))
    outputs.svg.write_bytes(rendered(figure, "svg", TITLE, context.manifest_id))
    outputs.png.write_bytes(rendered(figure, "png", TITLE, context.manifest_id))
