"""Hessian spectra of a good, a middling and a bad solution (E5, the paper's Fig. 2)."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lossbasins.experiments.spectrum.specs import FigureInputs, SpectrumChoices
from lossbasins.reporting import labels, style
from lossbasins.reporting.formats import percent
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.specs.files import Drawing
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

Array = npt.NDArray[np.float64]

TITLE = "Hessian spectra of good and bad solutions"
HEIGHT = 3.5
"""Inches."""
BINS = 60
ZOOM_MARGIN = 2.0
"""Half the width of the zoomed panel, in multiples of the most negative eigenvalue."""
ZOOM_LEAST = 1e-6
"""The least that counts for this, and the half width where none is as negative, as a share of the largest."""


def run(spec: SpectrumChoices, inputs: FigureInputs, outputs: Drawing, context: Context) -> None:
    """Draws once and saves in three formats."""
    figure = spectrum_figure(pd.read_csv(inputs.table), pd.read_csv(inputs.eigenvalues), spec.top, context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def spectrum_figure(table: pd.DataFrame, eigenvalues: pd.DataFrame, top: int, manifest_id: str) -> Figure:
    """Eigenvalue distributions, whole and zoomed around zero, and the largest eigenvalues.

    Args:
        table: one row per replica, from `lossbasins.experiments.spectrum.numbers.spectrum_table`.
        eigenvalues: role, rank and eigenvalue of the chosen solutions, from there too.
        top: how many of the largest to compare.
        manifest_id: for the small print.
    """
    spectra = {
        role: rows.sort_values("rank")["eigenvalue"].to_numpy(dtype=np.float64)
        for role in style.ROLES
        if len(rows := eigenvalues[eigenvalues["role"] == role])
    }
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, HEIGHT), layout="constrained")
        style.small_print(
            figure,
            f"Highest, median and lowest test accuracy among {left_out_note(table['left_out'])}. "
            f"Negative: by more than rounding. {data_note(table)}.",
            manifest_id,
        )
        panels = whole, around_zero, largest = figure.subplots(1, 3)
        if spectra:
            _distribution(whole, spectra, _range(spectra))
            _distribution(around_zero, spectra, _range_around_zero(spectra))
            _largest(largest, spectra, top)
            lines = [Line2D([], [], ms=4, marker=style.ROLE_MARKERS[role], **_line(role)) for role in spectra]
            texts = [_description(role, table[table["role"] == role].iloc[0]) for role in spectra]
            figure.legend(lines, texts, loc="outside upper left", handlelength=3)
        for axes, title in zip(panels, ("all eigenvalues", "around zero", f"the {top} largest"), strict=True):
            axes.set_title(title)
            if not spectra:
                labels.empty(axes, "no solution to show")
        style.settle(figure)
    return figure


def _description(role: str, solution: pd.Series) -> str:
    return (
        f"{role}: test accuracy {percent(solution['test_accuracy'])} %, $L_S$ = {solution['train_loss']:.2g}, "
        f"{labels.attack(solution['attack_weight'], solution['attack_size'])}, {solution['optimizer']}; "
        f"{solution['negative']:,.0f} of {solution['parameters']:,.0f} negative "
        f"({percent(solution['negative'] / solution['parameters'])} %)"
    )


def _range(spectra: dict[str, Array]) -> tuple[float, float]:
    values = np.concatenate(list(spectra.values()))
    return float(values.min()), float(values.max())


def _range_around_zero(spectra: dict[str, Array]) -> tuple[float, float]:
    smallest, largest = _range(spectra)
    half = ZOOM_MARGIN * -smallest if smallest < -ZOOM_LEAST * largest else ZOOM_LEAST * largest
    return -half, half


def _distribution(axes: Axes, spectra: dict[str, Array], limits: tuple[float, float]) -> None:
    for role, values in spectra.items():
        counts, edges = np.histogram(values, bins=BINS, range=limits)
        shown = counts > 0
        centres = (edges[:-1] + edges[1:]) / 2
        axes.plot(centres[shown], counts[shown], style.ROLE_MARKERS[role], ms=2.5, color=style.ROLES[role])
    axes.set(
        yscale="log", ylim=(0.7, None), xlabel=r"eigenvalue $\lambda$ of $\nabla^2 L_S$", ylabel="eigenvalues per bin"
    )
    margin = 0.03 * (limits[1] - limits[0])
    axes.set_xlim(limits[0] - margin, limits[1] + margin)
    axes.xaxis.set_major_locator(MaxNLocator(4))


def _largest(axes: Axes, spectra: dict[str, Array], top: int) -> None:
    for role, values in spectra.items():
        ranks = np.arange(1, min(top, values.size) + 1)
        axes.plot(ranks, values[: ranks.size], marker=style.ROLE_MARKERS[role], ms=2.5, **_line(role))
    axes.set(yscale="log", xlabel="rank", ylabel=r"eigenvalue $\lambda$")


def _line(role: str) -> dict[str, Any]:
    return {"color": style.ROLES[role], "linestyle": style.ROLE_LINES[role]}
