"""Volume by counting: how much fits, how much of it is bad, and how it generalises beside gradients (E12)."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from lossbasins.experiments.guess_and_check.numbers import died_out_note
from lossbasins.reporting import style
from lossbasins.reporting.solutions import data_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing, Drawn
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Volume by counting"
HEIGHT = 3.5
"""Inches."""
APART = 1.07
"""Factor of the number of images by which series stand beside each other."""
DARK, BRIGHT = style.ROLES["bad"], style.UNATTACKED
SERIES: dict[tuple[str, str], dict[str, Any]] = {
    ("guesses", "fits"): {"marker": "x", "color": style.MUTED, "ls": "none", "label": "guesses that fit"},
    ("volume", "fits"): {"marker": "o", "color": DARK, "ls": "-", "label": "volume: all that fits"},
    ("volume", "equal loss"): {"marker": "s", "color": DARK, "ls": "--", "mfc": "white", "label": "volume, equal loss"},
    ("adam", "equal loss"): {"marker": "^", "color": BRIGHT, "ls": "--", "mfc": "white", "label": "Adam, equal loss"},
    ("sgd", "equal loss"): {
        "marker": "v",
        "color": BRIGHT,
        "ls": ":",
        "mfc": "white",
        "label": "gradient descent, equal loss",
    },
    ("adam", "trained"): {"marker": "^", "color": BRIGHT, "ls": "-", "label": "Adam, trained"},
}
"""Looks of each way and level, in the order of the legend."""
COUNTED = tuple(series for series in SERIES if series[0] in ("guesses", "volume"))
COMPARED = (*COUNTED, ("adam", "equal loss"))
"""Where all series would hide each other."""


def run(spec: Spec, inputs: Drawn, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = count_figure(pd.read_csv(inputs.table), context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def count_figure(table: pd.DataFrame, manifest_id: str) -> Figure:
    """Log volumes, shares of bad networks and mean test accuracies against the number of images.

    Args:
        table: one row per number of images, way and level, as the stage `guess_and_check_table` writes it.
        manifest_id: for the small print.
    """
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, HEIGHT), layout="constrained")
        below = f"{100 * table['below'].iloc[0]:g} %"
        style.small_print(
            figure,
            f"V: probability under He's prior. Bad: test accuracy below {below}. Bars: intervals, of the volume from "
            "the spread between runs. Equal loss: normalised loss of at most the median at which the gradients' "
            f"networks first fit. {died_out_note(table)}. {data_note(table)}.",
            manifest_id,
        )
        volumes, bad, accuracies = figure.subplots(1, 3)
        images = np.array(sorted(table["images"].unique()))
        volumes.plot(images, -images * math.log(2), color=style.MUTED, lw=0.8, ls=":", label=r"$2^{-n}$")
        _drawn(volumes, table, "log_volume", COUNTED)
        _drawn(bad, table, "bad", COMPARED, 100)
        _drawn(accuracies, table, "accuracy", tuple(SERIES), 100)
        volumes.set(title="how much fits", ylabel="log V")
        bad.set(title="how much of it is bad", ylabel="bad networks (%)")
        accuracies.set(title="how it generalises", ylabel="mean test accuracy (%)")
        for axes in (volumes, bad, accuracies):
            axes.set(xscale="log", xlabel="training images n")
            axes.set_xticks(images, [str(number) for number in images])
            axes.xaxis.set_minor_locator(NullLocator())
        handles = {
            label: handle
            for axes in (volumes, accuracies)
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(handles.values(), handles, loc="outside upper center", ncols=4, handlelength=3)
        style.settle(figure)
    return figure


def _drawn(axes: Axes, table: pd.DataFrame, name: str, series: tuple[tuple[str, str], ...], factor: float = 1) -> None:
    """Each series beside the others, with its intervals; a value without one has no bar."""
    for position, (way, level) in enumerate(series):
        rows = table[(table["way"] == way) & (table["level"] == level) & table[name].notna()]
        if rows.empty:
            continue
        values, low, high = (factor * rows[column].to_numpy() for column in (name, f"{name}_low", f"{name}_high"))
        bars = np.nan_to_num([values - low, high - values], nan=0.0)
        beside = rows["images"] * APART ** (position - (len(series) - 1) / 2)
        axes.errorbar(beside, values, bars, ms=4, mew=0.8, lw=1, elinewidth=0.8, capsize=1.5, **SERIES[way, level])
