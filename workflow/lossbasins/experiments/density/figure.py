"""Spectral densities and largest eigenvalues of a good and a bad solution (E5, for large networks)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lossbasins.experiments.density.specs import DensityFigureInputs
from lossbasins.reporting import labels, style
from lossbasins.reporting.formats import percent
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Hessian spectra of large networks"
HEIGHT = 3.1
"""Inches."""
LEAST = 1e-2
"""Eigenvalues per unit below which a density is not drawn: the Gaussians' tails."""


def run(spec: Spec, inputs: DensityFigureInputs, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    table, curves, largest = (pd.read_csv(path) for path in (inputs.table, inputs.curves, inputs.largest))
    write_drawing(outputs, density_figure(table, curves, largest, context.manifest_id), TITLE, context.manifest_id)


def density_figure(table: pd.DataFrame, curves: pd.DataFrame, largest: pd.DataFrame, manifest_id: str) -> Figure:
    """Densities of all but the largest eigenvalues, and those.

    Args:
        table: one row per replica, from `lossbasins.experiments.density.numbers.density_table`.
        curves: from there too.
        largest: from there too.
        manifest_id: for the small print.
    """
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, HEIGHT), layout="constrained")
        probes = table["probes"].dropna().unique()
        style.small_print(
            figure,
            f"Highest and lowest test accuracy among {left_out_note(table['left_out'])}. Left: stochastic Lanczos "
            f"quadrature, smoothed by its resolution, without the eigenvalues at the right; band: standard error over "
            f"{' or '.join(f'{number:.0f}' for number in probes) or 'no'} probes. {data_note(table)}.",
            manifest_id,
        )
        density, ranks = figure.subplots(1, 2, width_ratios=(2, 1))
        for axes, title in ((density, "density of all but the largest"), (ranks, "the largest")):
            axes.set_title(title, fontweight="bold")
            if curves.empty:
                labels.empty(axes, "no solution to show")
        handles = []
        for role in curves["role"].unique():
            curve, values = curves[curves["role"] == role], largest[largest["role"] == role]
            look, solution = _look(role), table[table["role"] == role].iloc[0]
            low, high = (np.maximum(curve["density"] + sign * curve["standard_error"], LEAST) for sign in (-1, 1))
            density.fill_between(curve["eigenvalue"], low, high, color=look["color"], alpha=0.25, linewidth=0)
            density.plot(curve["eigenvalue"], curve["density"], **look)
            ranks.plot(values["rank"], values["eigenvalue"], marker=style.ROLE_MARKERS[role], ms=3, **look)
            setting = labels.attack(solution["attack_weight"], solution["attack_size"])
            words = f"{role}: test accuracy {percent(solution['test_accuracy'])} %, {setting}, {solution['optimizer']}"
            handles.append(Line2D([], [], marker=style.ROLE_MARKERS[role], ms=4, label=words, **look))
        if handles:
            density.set(yscale="log", ylim=(LEAST, None), xlabel=r"eigenvalue $\lambda$ of $\nabla^2 L_S$")
            density.set_ylabel("eigenvalues per unit")
            ranks.set(yscale="log", xlabel="rank", ylabel=r"eigenvalue $\lambda$")
            figure.legend(handles=handles, loc="outside upper left", handlelength=3)
        style.settle(figure)
    return figure


def _look(role: str) -> dict[str, Any]:
    return {"color": style.ROLES[role], "linestyle": style.ROLE_LINES[role]}
