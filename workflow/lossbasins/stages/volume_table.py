"""Volume table (E6): basin volume and Frobenius norm against test accuracy, and their rank correlations."""

import pandas as pd

from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.reporting.printed import printed_volume
from lossbasins.reporting.volume import correlations, points
from lossbasins.specs.volume_table import Inputs, Outputs, Spec
from lossbasins.stages.context import Context
from lossbasins.stages.spectra import read_spectra


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Gathers the points of all runs and correlates them."""
    evaluations = [pd.read_csv(path) for path in inputs.evaluation]
    spectra = [read_spectra(path) for path in inputs.spectrum]
    frobenius = [pd.read_csv(path) for path in inputs.frobenius]
    frame = points(spec.labels(), evaluations, spectra, frobenius, spec.top)
    table = correlations(
        frame,
        resamples=spec.resamples,
        confidence=spec.confidence,
        smallest_group=spec.smallest_group,
        seed=spec.seed,
    )
    printed = printed_volume(frame, table, spec.top)
    outputs.points.write_text(to_csv(frame))
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
