"""Spectrum figure (E5, the paper's Fig. 2)."""

import pandas as pd

from lossbasins.reporting.figures.spectrum import TITLE, spectrum_figure
from lossbasins.reporting.rendering import rendered
from lossbasins.specs.spectrum_figure import Inputs, Outputs, Spec
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Draws once and saves in three formats."""
    figure = spectrum_figure(pd.read_csv(inputs.table), pd.read_csv(inputs.eigenvalues), spec.top, context.manifest_id)
    outputs.pdf.write_bytes(rendered(figure, "pdf", TITLE, context.manifest_id))
    outputs.svg.write_bytes(rendered(figure, "svg", TITLE, context.manifest_id))
    outputs.png.write_bytes(rendered(figure, "png", TITLE, context.manifest_id))
