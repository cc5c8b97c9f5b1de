"""Fills the numbers in the README and in docs from the tables of the published studies.

A number stands between two comments, which no reader sees; the first says where it comes from. It never begins a
line, which Markdown would take for the end of the paragraph:

    tau is <!--mnist/volume protocol=raw group=all: {tau:.2f} [{low:.2f}, {high:.2f}]-->-0.57 [-0.70, -0.40]<!---->

That is the table `results/published/mnist/tables/volume.csv`, its rows with those values (`+` stands for a space), and
a format of their columns. Of several rows there are `{tau_min}`, `{tau_mean}`, `{tau_median}`, `{tau_max}` and
`{tau_sum}`, and their number is `{rows}`. Run it after a study was frozen anew:

    .venv/bin/python docs/fill_numbers.py
"""

import re
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = ROOT / "results" / "published"
NUMBER = re.compile(r"(<!--([\w-]+)/([\w-]+)((?: [\w-]+=[^\s:]+)*): ([^>]*?)-->)[^<]*(<!---->)")
"""What stays, study, table, conditions, format, what stays."""


def main() -> None:
    """Writes the files whose numbers have changed."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text()
        filled = fill(text)
        if filled != text:
            path.write_text(filled)
            print(path.relative_to(ROOT))


def fill(text: str, published: Path = PUBLISHED) -> str:
    """A text with all its numbers as the tables have them; raises ValueError for one that they have not."""

    def filled(found: re.Match[str]) -> str:
        start, study, table, conditions, form, end = found.groups()
        try:
            rows = _rows(published / study / "tables" / f"{table}.csv", conditions.split())
            return f"{start}{_formatted(rows, form)}{end}"
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"{study}/{table}{conditions}: {error}") from error

    return NUMBER.sub(filled, text)


def _rows(path: Path, conditions: list[str]) -> pd.DataFrame:
    rows = pd.read_csv(path, keep_default_na=False, na_values=[""])
    for condition in conditions:
        column, value = condition.split("=")
        rows = rows[rows[column].astype(str) == value.replace("+", " ")]
    if rows.empty:
        raise ValueError("no row")
    return rows


def _formatted(rows: pd.DataFrame, form: str) -> str:
    summaries = rows.select_dtypes("number").agg(["min", "mean", "median", "max", "sum"])
    values = {f"{name}_{which}": value for name in summaries for which, value in summaries[name].items()}
    values["rows"] = len(rows)
    if len(rows) == 1:
        values |= rows.iloc[0].to_dict()
    if missing := [name for name, value in values.items() if f"{{{name}" in form and pd.isna(value)]:
        raise ValueError(f"{missing[0]} is missing")
    return form.format(**values).replace("%", "\N{NO-BREAK SPACE}%")


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(f"{error}")
