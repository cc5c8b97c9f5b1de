"""Tables as text: csv in full precision for machines, Markdown and LaTeX rounded for people."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

LATEX_ESCAPES = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


@dataclass(frozen=True)
class Column:
    """A column of a printed table."""

    name: str
    """Of the column in the frame."""
    header: str
    """With the unit."""
    text: Callable[..., str] = str
    """A value in print; missing values are left blank."""


class Printed(NamedTuple):
    """A table as people read it: what `to_markdown` and `to_latex` take."""

    frame: pd.DataFrame
    columns: list[Column]
    note: str


def percent(fraction: float) -> str:
    """A fraction as a percentage, without its sign."""
    return f"{100 * fraction:.1f}"


def decimals(digits: int) -> Callable[[float], str]:
    """Fixed point with that many digits after it."""
    return lambda value: f"{value:.{digits}f}"


def significant(digits: int) -> Callable[[float], str]:
    """Rounded to that many significant digits."""
    return lambda value: f"{value:.{digits}g}"


def interval(value: float, low: float, high: float) -> str:
    """A coefficient with its interval, as far as they are known."""
    if math.isnan(value):
        return ""
    return f"{value:.2f}" if math.isnan(low) else f"{value:.2f} [{low:.2f}, {high:.2f}]"


def to_csv(frame: pd.DataFrame) -> str:
    """The whole frame, floats so that they are read back exactly, missing values empty."""
    return str(frame.to_csv(index=False, lineterminator="\n"))


def to_markdown(frame: pd.DataFrame, columns: Sequence[Column], note: str) -> str:
    """The named columns as a Markdown table, and a note under it."""
    cells = [[_escape_markdown(text) for text in row] for row in _cells(frame, columns)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    header, *rows = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([header, rule, *rows, "", note, ""])


def to_latex(frame: pd.DataFrame, columns: Sequence[Column], note: str) -> str:
    r"""The named columns as a `tabular` in the style of the package booktabs, and a note at its foot."""
    header, *rows = [" & ".join(map(_escape_latex, row)) + r" \\" for row in _cells(frame, columns)]
    foot = rf"\multicolumn{{{len(columns)}}}{{p{{0.9\linewidth}}}}{{\footnotesize {_escape_latex(note)}}} \\"
    alignment = "l" * len(columns)
    lines = [rf"\begin{{tabular}}{{{alignment}}}", r"\toprule", header, r"\midrule", *rows, r"\bottomrule", foot]
    return "\n".join([*lines, r"\end{tabular}", ""])


def _cells(frame: pd.DataFrame, columns: Sequence[Column]) -> list[list[str]]:
    rows = frame[[column.name for column in columns]].itertuples(index=False)
    return [
        [column.header for column in columns],
        *(["" if pd.isna(v) else c.text(v) for v, c in zip(row, columns, strict=True)] for row in rows),
    ]


def _escape_markdown(text: str) -> str:
    return re.sub(r"([\\|*_`])", r"\\\1", text)


def _escape_latex(text: str) -> str:
    escaped = "".join(LATEX_ESCAPES.get(character, character) for character in text)
    return re.sub(r"(?<!\w)-(?=\d)", "$-$", escaped)
