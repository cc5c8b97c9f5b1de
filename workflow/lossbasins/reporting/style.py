"""How figures look in print: sizes, fonts, colours and markers, in one place."""

import itertools
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import Bbox

WIDTH = 7.0
"""Inches, across both columns of a page."""
FONT_SIZE = 8.0
"""Points, of labels and legends."""
SMALL_SIZE = 7.0
"""Points, of ticks and small print: nothing is smaller."""
SMALL_LINE = SMALL_SIZE * 1.4 / 72
"""Inches from one line of small print to the next."""
SMALL_LETTER = SMALL_SIZE * 0.53 / 72
"""Inches that a letter of small print takes on average."""
POSITION_DIGITS = 6
"""Of the edges of axes, as fractions of the page: far below what is seen, far above rounding."""

UNATTACKED = "#d7261e"
"""Red, as in the paper's Fig. 3."""
ATTACKS = LinearSegmentedColormap.from_list("attacks", ["#8fbde8", "#08306b"])
"""From the weakest to the strongest attack: blues that get darker, so that they keep their order in greyscale."""
RANDOM_LABELS = "#e08214"
"""Of solutions that learnt random labels first; their marks have dark outlines, which greyscale keeps."""
COPIES = LinearSegmentedColormap.from_list("copies", ["#fdd0a2", RANDOM_LABELS, "#7f3b08"])
"""Of the same, from the fewest copies of the images to the most."""
SIZES = LinearSegmentedColormap.from_list("sizes", ["#f0b040", "#5a1a00"])
"""From the smallest to the largest model: oranges that get darker."""
ROLES = {"good": UNATTACKED, "middling": "#5b9bd0", "bad": "#08306b"}
"""Solutions of good, middling and bad test accuracy; they differ in line style and marker too."""
ROLE_LINES = {"good": "-", "middling": "--", "bad": ":"}
ROLE_MARKERS = {"good": "o", "middling": "s", "bad": "^"}
MARKERS = "osD^vP*X<>ph"
"""Of optimizers, in the order of their names."""
INK = "#222222"
"""Of text and outlines."""
OUTLINE = "white"
"""Of the marks of attacked solutions, so that those that overlap can be told apart."""
MUTED = "#666666"
"""Of small print."""

PRINT = {
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": FONT_SIZE,
    "axes.labelsize": FONT_SIZE,
    "axes.titlesize": FONT_SIZE,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.labelsize": SMALL_SIZE,
    "ytick.labelsize": SMALL_SIZE,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.fontsize": FONT_SIZE,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "lossbasins",
}


@contextmanager
def print_style() -> Iterator[None]:
    """Settings for print, whatever the user's own are, restored on leaving."""
    with mpl.style.context(["default", PRINT]):
        yield


def attack_colours(settings: int) -> list[str]:
    """Colours of that many attack settings, from the weakest to the strongest."""
    return _graded(ATTACKS, settings)


def copies_colours(settings: int) -> list[str]:
    """Colours of that many settings of random labels, from the fewest copies to the most; of one, that of all."""
    return _graded(COPIES, settings) if settings != 1 else [RANDOM_LABELS]


def size_colours(sizes: int) -> list[str]:
    """Colours of that many models, from the smallest to the largest."""
    return _graded(SIZES, sizes)


def markers(names: Sequence[str]) -> dict[str, str]:
    """A marker for each optimizer; beyond the number of markers they repeat."""
    return dict(zip(names, itertools.cycle(MARKERS)))


def settle(figure: Figure) -> None:
    """Lays a figure out for good, so that every later drawing of it is the same, in another process too."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        # The last digits of a layout depend on where the solver's variables lie in memory.
        axes.set_position(Bbox.from_bounds(*(round(edge, POSITION_DIGITS) for edge in axes.get_position().bounds)))


def small_print(figure: Figure, text: str, manifest_id: str) -> None:
    """Writes a text and the beginning of the manifest id at the foot of a figure, under all that is laid out."""
    width, height = figure.get_size_inches()
    lines = [*textwrap.wrap(text, int(width / SMALL_LETTER)), f"Manifest {manifest_id[:16]}"]
    figure.text(
        0.04 / width,
        0.04 / height,
        "\n".join(lines),
        color=MUTED,
        size=SMALL_SIZE,
        va="bottom",
        linespacing=1.2,
        parse_math=False,
    )
    foot = (0.08 + len(lines) * SMALL_LINE) / height
    engine = figure.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine), "the figure is not laid out by constraints"
    engine.set(rect=(0, foot, 1, 1 - foot))


def _graded(colours: LinearSegmentedColormap, number: int) -> list[str]:
    return [to_hex(colour) for colour in colours(np.linspace(0, 1, number) if number != 1 else [0.6])]
