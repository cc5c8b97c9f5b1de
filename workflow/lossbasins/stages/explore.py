"""Explore: one page with every solution of the study and all that was measured of it."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from lossbasins.reporting.explorer import explorer_page
from lossbasins.reporting.exploring import Explored, lines, measures_of, shown, solutions, under_protocols
from lossbasins.specs.explore import Inputs, Outputs, Point, Spec
from lossbasins.stages.context import Context
from lossbasins.stages.measured import read_arrays


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Reads what there is of each point and writes the page."""
    values, spectra = iter(inputs.values), iter(inputs.spectrum)
    points = [_read(point, path, values, spectra) for point, path in zip(spec.points, inputs.evaluation, strict=True)]
    frame = solutions(points, spec.top)
    choices = spec.protocols
    rows = under_protocols(frame, **dict(choices.interpolated), within=choices.loss_within)
    rows, titles = shown(rows, measures_of(rows))
    outputs.page.write_text(explorer_page(spec.study, rows, titles, lines(points)), encoding="utf-8")


def _read(point: Point, evaluation: Path, values: Iterator[Path], spectra: Iterator[Path]) -> Explored:
    run = point.run
    attack = run.attack.name if run.attack else "none"
    return Explored(
        cell=" ".join([run.dataset, run.model, run.init, run.optimizer, attack, point.point]),
        optimizer=run.optimizer,
        attack=attack,
        folder=evaluation.parent.as_posix(),
        polished=point.polished,
        loss=point.loss,
        evaluation=pd.read_csv(evaluation),
        values=[pd.read_csv(next(values)) for _ in range(point.values)],
        spectrum=read_arrays(next(spectra)) if point.spectrum else None,
    )
