"""Spectra at good and bad minima of models that are linear in their parameters (E7, Appendix B)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lossbasins.experiments.convex.specs import FigureInputs
from lossbasins.reporting import style
from lossbasins.reporting.formats import percent
from lossbasins.reporting.solutions import data_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Hessian spectra of models that are linear in their parameters"
HEIGHT = 4.6
"""Inches."""
PAIRS = ("square loss", "squared hinge, largest margin")
"""Drawn of all pairs: the two that differ in what holds."""
LOOKS: dict[str, dict[str, Any]] = {
    "good": {"ls": "-", "lw": 3.5, "alpha": 0.45},
    "bad": {"ls": (0, (4, 2)), "lw": 1.2},
}
"""The good one is broad, so that it is seen under the bad one where they agree."""


def run(spec: Spec, inputs: FigureInputs, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    figure = convex_figure(pd.read_csv(inputs.table), pd.read_csv(inputs.eigenvalues), context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def convex_figure(table: pd.DataFrame, eigenvalues: pd.DataFrame, manifest_id: str) -> Figure:
    """A column of panels per model, a row per loss; in each the eigenvalues at both minima by rank.

    Args:
        table: one row per model and pair of minima, as the stage `convex` writes it.
        eigenvalues: in long form, from there too.
        manifest_id: for the small print.
    """
    models = table["model"].unique()
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, HEIGHT), layout="constrained")
        style.small_print(
            figure,
            "Both minima fit all training images; the bad one fits images with wrong targets too. Square loss: least "
            "norm, all targets met exactly. Squared hinge: largest margin, seen from below. Eigenvalues that are zero "
            f"within rounding are left out. {data_note(table)}.",
            manifest_id,
        )
        panels = figure.subplots(len(PAIRS), len(models), sharex=True, squeeze=False)
        for axes_row, pair in zip(panels, PAIRS, strict=True):
            for axes, model in zip(axes_row, models, strict=True):
                of_panel = (table["model"] == model) & (table["pair"] == pair)
                values = eigenvalues[(eigenvalues["model"] == model) & (eigenvalues["pair"] == pair)]
                _spectra(axes, values, table[of_panel].iloc[0])
                axes.set_title(f"{model}\n{pair}")
        for axes in panels[-1]:
            axes.set_xlabel("rank")
        for axes in panels[:, 0]:
            axes.set_ylabel(r"eigenvalue $\lambda$ of $\nabla^2 L_S$")
        style.settle(figure)
    return figure


def _spectra(axes: Axes, eigenvalues: pd.DataFrame, row: pd.Series) -> None:
    for name, look in LOOKS.items():
        values = eigenvalues.sort_values("rank")[name].to_numpy(dtype=np.float64)
        shown = values[values > values.size * np.finfo(np.float64).eps * values[0]]
        label = f"{name}, test error {percent(row[f'{name}_test_error'])} %"
        axes.plot(np.arange(1, shown.size + 1), shown, color=style.ROLES[name], label=label, **look)
    axes.set(yscale="log")
    # Room for the legend above the curves.
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * (high / low) ** 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.legend(
        loc="upper right", title=f"largest difference {row['difference']:.3g}", alignment="left", handlelength=2
    )
