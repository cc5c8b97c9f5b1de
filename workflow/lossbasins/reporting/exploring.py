"""All solutions of a study with all that was measured of them, as rows and lines to look around in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lossbasins.reporting.protocols import INTERPOLATED, MATCHED, RAW, away_from_loss, away_from_minima
from lossbasins.reporting.solutions import stacked
from lossbasins.reporting.spectrum import Spectra, signs, spectrum_numbers

EVALUATED = {
    "test_accuracy": "test accuracy",
    "train_accuracy": "training accuracy",
    "attack_accuracy": "attack accuracy",
    "train_loss": "training loss",
    "attack_loss": "attack loss",
    "test_loss": "test loss",
    "gradient_norm": "gradient norm",
    "weight_norm": "weight norm",
    "epochs": "epochs",
}
"""Numbers of every solution, with their names in print."""
MEASURED = {"log_inverse_volume": "log inverse volume", "largest": "largest eigenvalue"}
"""Numbers that are taken from spectra."""
DECADE = 10.0
"""Positive measures that span more than this are shown as logarithms."""
LINE_POINTS = 100
"""Of the eigenvalues of a solution, spread evenly over the logarithms of their ranks."""


@dataclass(frozen=True)
class Explored:
    """The solutions of one run at one point of their way."""

    cell: str
    """What they share: data, model, initialisation, optimizer, attack, point."""
    optimizer: str
    attack: str
    folder: str
    """That their files lie in."""
    polished: bool
    loss: float | None
    """L_S that they were brought to."""
    evaluation: pd.DataFrame
    values: Sequence[pd.DataFrame]
    spectrum: Spectra | None


def solutions(points: Sequence[Explored], top: int | None) -> pd.DataFrame:
    """One row for each solution at each point.

    Args:
        points: in the order of the rows.
        top: the k of the log inverse volume.

    Returns:
        id, what `Explored` says, replica, status, `EVALUATED`, and a column for each measure.
    """
    names = ("cell", "optimizer", "attack", "folder", "polished", "loss")
    labels = [{name: getattr(point, name) for name in names} for point in points]
    frame = stacked(labels, [_measured(point, top) for point in points])
    replicas = frame["replica"].astype(str)
    return frame.assign(id=frame["folder"] + "#" + replicas).drop(columns=["run", "data", "stop", "test_images"])


def under_protocols(frame: pd.DataFrame, attack_accuracy: float, gradient_norm: float, within: float) -> pd.DataFrame:
    """The solutions that each protocol keeps, with a column `protocol`.

    Args:
        frame: from `solutions`.
        attack_accuracy: see `away_from_minima`.
        gradient_norm: see `away_from_minima`.
        within: relative difference from the loss that solutions were brought to.
    """
    trained = frame[~frame["polished"]]
    losses = frame["loss"].dropna().unique()
    at_loss = [
        rows[away_from_loss(rows, loss, within).isna()] for loss in losses for rows in [frame[frame["loss"] == loss]]
    ]
    kept = {
        RAW: trained,
        INTERPOLATED: trained[away_from_minima(trained, attack_accuracy, gradient_norm).isna()],
        MATCHED: pd.concat(at_loss) if at_loss else frame[:0],
    }
    labelled = [rows.assign(protocol=name) for name, rows in kept.items() if len(rows)]
    result: pd.DataFrame = pd.concat(labelled, ignore_index=True).drop(columns=["polished", "loss"])
    return result


def measures_of(frame: pd.DataFrame) -> dict[str, str]:
    """Columns that are numbers of solutions, with their names in print; those with no value aside."""
    others = {name: name.replace("_", " ") for name in frame.columns if pd.api.types.is_float_dtype(frame[name])}
    named = EVALUATED | MEASURED
    titles = named | {name: title for name, title in others.items() if name not in named}
    return {name: title for name, title in titles.items() if name in frame and frame[name].notna().any()}


def shown(frame: pd.DataFrame, measures: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Measures that span more than a decade as logarithms to base 10, with names that say so."""
    titles, columns = {}, {}
    for name, title in measures.items():
        # A number that is missing in whole runs has no type of its own.
        every = frame[name].astype(float)
        values = every.dropna()
        if (values > 0).all() and values.max() > DECADE * values.min():
            titles[f"log {name}"] = f"log10 {title}"
            columns[f"log {name}"] = np.log10(every)
        else:
            titles[name] = title
    return frame.assign(**columns), titles


def lines(points: Sequence[Explored]) -> pd.DataFrame:
    """Eigenvalues of each solution that are positive beyond rounding, from the largest: id, rank, eigenvalue."""
    rows: list[tuple[str, int, float]] = []
    for point in points:
        if point.spectrum is None:
            continue
        for replica, values in zip(point.spectrum["replica"], point.spectrum["eigenvalues"], strict=True):
            count = signs(values)[2]
            positive = np.sort(values)[::-1][:count]
            ranks = np.unique(np.geomspace(1, max(positive.size, 1), LINE_POINTS).astype(int))[: positive.size]
            rows += [(f"{point.folder}#{replica}", int(rank), float(f"{positive[rank - 1]:.4g}")) for rank in ranks]
    return pd.DataFrame(rows, columns=["id", "rank", "eigenvalue"])


def _measured(point: Explored, top: int | None) -> pd.DataFrame:
    """The evaluation of each replica with a column for each measure."""
    frame = point.evaluation
    for values in point.values:
        frame = _with_new(frame, values.pivot(index="replica", columns="measure", values="value").reset_index())
    if point.spectrum is not None and top is not None:
        frame = _with_new(frame, spectrum_numbers(point.spectrum, top)[["replica", *MEASURED]])
    return frame


def _with_new(frame: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The columns of both, those of the first where both have one of a name, such as a volume that is a measure too."""
    added = [name for name in other.columns if name not in frame]
    return frame.merge(other[["replica", *added]], how="left", on="replica")
