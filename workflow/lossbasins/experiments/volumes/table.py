"""Volume table (E6): basin volume and Frobenius norm against test accuracy, and their rank correlations."""

from pathlib import Path

import pandas as pd

from lossbasins.experiments.volumes.numbers import correlations, points, printed_volume
from lossbasins.experiments.volumes.specs import VolumeInputs, VolumeSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.reporting.protocols import INTERPOLATED, MATCHED, RAW, interpolated, matched
from lossbasins.specs.files import TableWithPoints
from lossbasins.stages.context import Context
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.tables import write_table

Paths = tuple[Path, ...]


def run(spec: VolumeSpec, inputs: VolumeInputs, outputs: TableWithPoints, context: Context) -> None:  # noqa: ARG001
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
    write_table(outputs, table, printed)


def _points(spec: VolumeSpec, evaluation: Paths, spectrum: Paths, frobenius: Paths) -> pd.DataFrame:
    evaluations, norms = ([pd.read_csv(path) for path in paths] for paths in (evaluation, frobenius))
    return points(spec.labels(), evaluations, [read_arrays(path) for path in spectrum], norms, spec.top)
