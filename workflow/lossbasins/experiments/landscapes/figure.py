"""Test accuracy against the size of basins in several landscapes, side by side (the paper's Fig. 3)."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lossbasins.experiments.landscapes.specs import LandscapesInputs, LandscapesSpec
from lossbasins.reporting import labels, style
from lossbasins.reporting.binomial import binomial_note
from lossbasins.reporting.landscape import MEASURE_LABELS, mark, scatter
from lossbasins.reporting.protocols import PROTOCOLS
from lossbasins.reporting.volume import ALL, measures_of
from lossbasins.specs.files import Drawing
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Landscapes: test accuracy and the size of basins"
ROW_HEIGHT = 2.3
"""Inches, of the panels of one protocol with their axes."""
AREA = 18.0
"""Square points, of marks."""
COLUMNS = ("protocol", "optimizer", "attack", "test_accuracy", "test_images", "data")
"""Of points, beside their measures."""
LOOKS = {"unattacked": ("white", style.UNATTACKED), "attacked": (style.ROLES["bad"], style.OUTLINE)}
"""Face and edge of marks; hollow ones stand out in greyscale, where red is a grey like any blue's."""


def run(spec: LandscapesSpec, inputs: LandscapesInputs, outputs: Drawing, context: Context) -> None:
    """Draws once and saves in three formats."""
    points, tables = [_points(path) for path in inputs.points], [pd.read_csv(path) for path in inputs.tables]
    figure = landscapes_figure(points, tables, spec, context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def landscapes_figure(
    points: list[pd.DataFrame], tables: list[pd.DataFrame], spec: LandscapesSpec, manifest_id: str
) -> Figure:
    """A column for each landscape, a row for each protocol.

    Args:
        points: one row per replica and protocol, as the table of volumes has them.
        tables: their correlations; one frame for each landscape.
        spec: what is drawn.
        manifest_id: for the small print.
    """
    every = pd.concat(points, ignore_index=True)
    markers = style.markers(sorted(every["optimizer"].unique()))
    with style.print_style():
        height = ROW_HEIGHT * len(spec.protocols) + 0.7
        figure = Figure(figsize=(style.WIDTH, height), layout="constrained")
        style.small_print(figure, _note(points, tables), manifest_id)
        panels = figure.subplots(len(spec.protocols), len(points), squeeze=False)
        for row, protocol in zip(panels, spec.protocols, strict=True):
            for axes, frame, table, title in zip(row, points, tables, spec.titles, strict=True):
                words = _landscape(
                    axes, frame[frame["protocol"] == protocol], table[table["protocol"] == protocol], markers
                )
                heading = f"{title}\n{PROTOCOLS[protocol]}\n{words}"
                axes.set_title(heading, fontweight="bold", fontsize=style.SMALL_SIZE)
                axes.set_xlabel(MEASURE_LABELS[measures_of(frame)[0]].format(top=spec.top))
            row[0].set_ylabel("test accuracy (%)")
        handles = [mark("o", face, edge, AREA) for face, edge in LOOKS.values()]
        handles += [mark(marker, "white", style.INK, AREA) for marker in markers.values()]
        figure.legend(handles, [*LOOKS, *markers], ncols=len(handles), loc="outside upper center")
        style.settle(figure)
    return figure


def _points(path: Path) -> pd.DataFrame:
    points = pd.read_csv(path)
    if missing := [name for name in COLUMNS if name not in points]:
        allowed = "points of a table of volumes, as this version makes them"
        raise ValueError(f"{path}: lacks the column {missing[0]}; allowed: {allowed}")
    return points


def _landscape(axes: Axes, points: pd.DataFrame, table: pd.DataFrame, markers: dict[str, str]) -> str:
    """Draws one landscape under one protocol, and says how all its solutions correlate."""
    if points.empty:
        labels.empty(axes, "not compared so")
        return ""
    measure = measures_of(points)[0]
    attacks = [name for name in points["attack"].unique() if name != "none"]
    names = {"none": "unattacked"} | dict.fromkeys(attacks, "attacked")
    looks = pd.DataFrame({attack: [*LOOKS[name], AREA] for attack, name in names.items()}, ["face", "edge", "area"]).T
    scatter(axes, points[points[measure].notna()], measure, looks, markers)
    row = table[(table["measure"] == measure) & (table["group"] == ALL)].iloc[0]
    if pd.isna(row["tau"]):
        return f"{row['reason']}"
    ends = "" if pd.isna(row["low"]) else f" [{labels.signed(row['low'])}, {labels.signed(row['high'])}]"
    return rf"$\tau$ = {labels.signed(row['tau'])}{ends}, n = {row['solutions']}"


def _note(points: list[pd.DataFrame], tables: list[pd.DataFrame]) -> str:
    confidence = f"{tables[0]['confidence'].iloc[0]:.0%}"
    data = "; ".join(dict.fromkeys(note for frame in points for note in frame["data"]))
    return (
        f"A mark is a solution. Kendall's tau of test accuracy and the measure, all solutions, with {confidence} "
        f"intervals; bars along the Frobenius norm: standard error.{binomial_note(pd.concat(points))} Data: {data}."
    )
