"""Tables in Markdown, as the study's stages write them, in HTML."""

import re
from collections.abc import Iterable, Sequence

from lossbasins.report.typesetting import typeset


def table_html(markdown: str) -> str:
    """A table that scrolls by itself where it is wide, and the note under it.

    Args:
        markdown: from `lossbasins.reporting.formats.to_markdown`.
    """
    lines = [line for line in markdown.splitlines() if line]
    rows = [_cells(line) for line in lines if line.startswith("| ")]
    notes = [line for line in lines if not line.startswith("| ")]
    return html_table(rows[0], rows[2:]) + "".join(f"<p>{typeset(note)}</p>" for note in notes)


def html_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain texts."""
    return raw_table(header, ([typeset(text) for text in row] for row in rows))


def raw_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already, under a header that is not; by keyboard it can be scrolled too."""
    head = "".join(f'<th scope="col">{typeset(text)}</th>' for text in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scrolls" tabindex="0">{table}</div>'


def _cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
    return [re.sub(r"\\(.)", r"\1", cell.strip()) for cell in cells]
