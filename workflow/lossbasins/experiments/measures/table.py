"""Measures table (E9): how each measure orders solutions, and how much smaller bad basins are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from lossbasins.experiments.measures.cells import cells
from lossbasins.experiments.measures.differences import differences, half_sums, pairs_of
from lossbasins.experiments.measures.numbers import (
    POINT,
    compared_environments,
    points,
    printed_measures,
    rank_curves,
    rankings,
    turned,
    with_worst,
)
from lossbasins.experiments.measures.specs import MeasuresInputs, MeasuresOutputs, MeasuresSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.reporting.protocols import INTERPOLATED, MATCHED, RAW, away_from_loss, away_from_minima
from lossbasins.reporting.solutions import solutions
from lossbasins.reporting.spectrum import Spectra
from lossbasins.stages.context import Context
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.tables import write_table


def run(spec: MeasuresSpec, inputs: MeasuresInputs, outputs: MeasuresOutputs, context: Context) -> None:  # noqa: ARG001
    """Gathers all measures under each protocol, ranks them, and pairs good and bad solutions at one loss."""
    compared = _compared(spec, inputs)
    trained, polished = ([read_arrays(path) for path in files] for files in (inputs.spectrum, inputs.matched_spectrum))
    values = _per_run(inputs.values, spec)
    read = {RAW: values, INTERPOLATED: values, MATCHED: _per_run(inputs.matched_values, spec)}
    spectra = {RAW: trained, INTERPOLATED: trained, MATCHED: polished}
    at_training = [name for name in spec.measures if name not in spec.matched_only]
    measures = {RAW: at_training, INTERPOLATED: at_training, MATCHED: spec.measures}
    frame = points(compared, spec.labels(), read, measures)

    ordered = turned(frame, spec.turned)
    environments = compared_environments(ordered, spec.errors_apart)
    table = with_worst(rankings(ordered, spec, spec.seed), environments)
    pairs = pairs_of(_at_one_loss(frame, compared, spectra, spec), spec.below)
    printed = printed_measures(table, frame)

    outputs.points.write_text(to_csv(frame[POINT]))
    outputs.environments.write_text(to_csv(environments))
    outputs.cells.write_text(to_csv(cells(ordered, spec, spec.seed)))
    outputs.ranks.write_text(to_csv(rank_curves(compared, spectra, spec.largest_k)))
    outputs.pairs.write_text(to_csv(pairs))
    outputs.differences.write_text(to_csv(differences(pairs, spec, spec.measures)))
    write_table(outputs, table, printed)


def _compared(spec: MeasuresSpec, inputs: MeasuresInputs) -> Mapping[str, pd.DataFrame]:
    """The solutions of each protocol, those that it leaves out with the reason."""
    trained = solutions(spec.labels(), [pd.read_csv(path) for path in inputs.evaluation])
    compared = {RAW: trained, INTERPOLATED: _without(trained, away_from_minima(trained, **dict(spec.interpolated)))}
    if spec.matched_loss is not None:
        polished = solutions(spec.labels(), [pd.read_csv(path) for path in inputs.matched_evaluation])
        compared[MATCHED] = _without(polished, away_from_loss(polished, spec.matched_loss, spec.loss_within))
    return compared


def _without(frame: pd.DataFrame, reasons: pd.Series) -> pd.DataFrame:
    return frame.assign(left_out=frame["left_out"].fillna(reasons).astype("str"))


def _per_run(files: Sequence[Path], spec: MeasuresSpec) -> list[pd.DataFrame]:
    """What was measured of each run, from all of its files."""
    runs = len(spec.runs)
    return [pd.concat([pd.read_csv(path) for path in files[run::runs]]) for run in range(runs)] if files else []


def _at_one_loss(
    frame: pd.DataFrame,
    compared: Mapping[str, pd.DataFrame],
    spectra: Mapping[str, Sequence[Spectra]],
    spec: MeasuresSpec,
) -> pd.DataFrame:
    matched = frame[(frame["protocol"] == MATCHED) & frame["measure"].isin([*spec.free_energies, *spec.beside])]
    if MATCHED not in compared:
        return matched
    sums = half_sums(compared[MATCHED], spectra[MATCHED], spec.largest_k)
    return pd.concat([matched, sums], ignore_index=True) if len(matched) else sums
