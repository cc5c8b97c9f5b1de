"""Volume table (E6): basin volume and Frobenius norm against test accuracy, and their rank correlations."""

from pathlib import Path

import pandas as pd

from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.reporting.printed import printed_volume
from lossbasins.reporting.protocols import INTERPOLATED, MATCHED, RAW, interpolated, matched
from lossbasins.reporting.volume import correlations, points
from lossbasins.specs.volume_table import Inputs, Outputs, Spec
from lossbasins.stages.context import Context
from lossbasins.stages.spectra import read_spectra

Paths = tuple[Path, ...]


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Gathers the points of all runs under each protocol and correlates them."""
    trained = _points(spec, inputs.evaluation, inputs.spectrum, inputs.frobenius)
    compared = {RAW: trained, INTERPOLATED: interpolated(trained, **dict(spec.interpolated))}
    if spec.matched_loss is not None:
        polished = _points(spec, inputs.matched_evaluation, inputs.matched_spectrum, inputs.matched_frobenius)
        compared[MATCHED] = matched(polished, spec.matched_loss, spec.loss_within)
    frame = pd.concat([points.assign(protocol=name) for name, points in compared.items()], ignore_index=True)
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


def _points(spec: Spec, evaluation: Paths, spectrum: Paths, frobenius: Paths) -> pd.DataFrame:
    evaluations, norms = ([pd.read_csv(path) for path in paths] for paths in (evaluation, frobenius))
    return points(spec.labels(), evaluations, [read_spectra(path) for path in spectrum], norms, spec.top)
