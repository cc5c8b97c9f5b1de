"""Relative volumes of bad basins, and where random starts end (E8)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lossbasins.experiments.basin_ratio.specs import FigureInputs
from lossbasins.experiments.basin_ratio.starts import ALL
from lossbasins.reporting import labels, style
from lossbasins.reporting.protocols import PROTOCOLS
from lossbasins.reporting.solutions import data_note, left_out_note
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing
from lossbasins.stages.context import Context
from lossbasins.stages.drawings import write_drawing

TITLE = "Relative volumes of bad basins"
HEIGHT = 2.9
"""Inches."""
BINS = 20


def run(spec: Spec, inputs: FigureInputs, outputs: Drawing, context: Context) -> None:  # noqa: ARG001
    """Draws once and saves in three formats."""
    ratio, starts, shares = (pd.read_csv(path) for path in (inputs.ratio, inputs.starts, inputs.shares))
    figure = basin_ratio_figure(ratio, starts, shares, context.manifest_id)
    write_drawing(outputs, figure, TITLE, context.manifest_id)


def basin_ratio_figure(ratio: pd.DataFrame, starts: pd.DataFrame, shares: pd.DataFrame, manifest_id: str) -> Figure:
    """One panel of ratios for each protocol, and one with the test accuracies that random starts end at.

    Args:
        ratio: from `lossbasins.experiments.basin_ratio.ratio.basin_ratio`.
        starts: from `lossbasins.experiments.basin_ratio.starts.starts`.
        shares: from `lossbasins.experiments.basin_ratio.starts.shares`.
        manifest_id: for the small print.
    """
    below, band = ratio.iloc[0][["below", "band"]]
    protocols = list(ratio["protocol"].unique())
    with style.print_style():
        figure = Figure(figsize=(style.WIDTH, HEIGHT), layout="constrained")
        style.small_print(
            figure,
            f"V: product of the inverses of the k largest eigenvalues. Good: unattacked, test accuracy at least "
            f"{below:.0%}; bad: attacked, below it. Line: median of all pairs; band: the middle {band:.0%} of them; "
            f"dashed: half the median, since a volume goes with the inverse roots of the eigenvalues. "
            f"Starts: {left_out_note(starts['left_out'])}; p: upper bound of the share at "
            f"{shares.iloc[0]['confidence']:.0%} (Clopper-Pearson). {data_note(starts)}.",
            manifest_id,
        )
        *panels, last = figure.subplots(1, len(protocols) + 1)
        for axes, protocol in zip(panels, protocols, strict=True):
            _ratio(axes, ratio[ratio["protocol"] == protocol])
            axes.set_title(f"{protocol}:\n{PROTOCOLS[protocol]}", fontweight="bold")
        panels[0].set_ylabel(r"$\log_{10}\,V_\mathrm{bad}(k)\,/\,V_\mathrm{good}(k)$")
        _starts(last, starts, shares[shares["init"] == ALL].iloc[0])
        style.settle(figure)
    return figure


def _ratio(axes: Axes, curve: pd.DataFrame) -> None:
    good, bad = curve.iloc[0][["good", "bad"]]
    if curve["median"].isna().any():
        labels.empty(axes, f"no pair:\n{good} good,\n{bad} bad")
        return
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    axes.fill_between(curve["k"], curve["low"], curve["high"], color=style.ROLES["middling"], alpha=0.45, linewidth=0)
    axes.plot(curve["k"], curve["median"], color=style.ROLES["bad"])
    axes.plot(curve["k"], curve["median"] / 2, color=style.ROLES["bad"], linestyle="--")
    axes.set_xlabel(f"k\n{good} good, {bad} bad")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(6))


def _starts(axes: Axes, starts: pd.DataFrame, total: pd.Series) -> None:
    axes.set_title("random starts:\nwhere they end", fontweight="bold")
    if not total["starts"]:
        labels.empty(axes, "no start to show")
        return
    below = 100 * total["below"]
    ends = 100 * starts.loc[starts["left_out"].isna(), "test_accuracy"]
    low = min(ends.min(), below - 5)
    axes.hist(ends, bins=list(np.linspace(low, 100, BINS + 1)), color=style.UNATTACKED)
    axes.axvline(below, color=style.INK, linestyle="--", linewidth=0.9)
    axes.set(xlabel=f"test accuracy (%)\n{_share(total)}", ylabel="starts")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _share(total: pd.Series) -> str:
    return f"{total['bad']} of {total['starts']} below,\np $\\leq$ {total['upper']:.2g}"
