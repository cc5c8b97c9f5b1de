"""What captions may say in reStructuredText beyond what docutils knows."""

import base64
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives

from lossbasins.report.flow import Edge, flow_svg
from lossbasins.report.tables import raw_table, table_html
from lossbasins.report.typesetting import typeset

PICTURES = ("volume",)
"""Claims whose figures come first."""


class Html(Directive):  # type: ignore[misc]  # docutils has no types
    """A directive that gives HTML."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """As docutils calls it."""
        return [nodes.raw("", self.html(self.arguments[0]), format="html")]

    def html(self, argument: str) -> str:
        """What it stands for."""
        raise NotImplementedError


class Rounded(Html):
    """`.. rounded:: tables/volume.md`: a rounded table with its note; given the csv, the md beside it."""

    def html(self, argument: str) -> str:
        """The table."""
        return table_html(Path(argument).with_suffix(".md").read_text(encoding="utf-8"))


class Findings(Html):
    """`.. findings:: results/digits`: the first pictures of a study, its sentences, and its claims in one table."""

    def html(self, argument: str) -> str:
        """All that, with links to the pictures."""
        # The page that has no findings starts without the second that this import takes.
        import pandas as pd

        from lossbasins.reporting.summary import judgements, sentences_of

        folder = Path(argument)
        claims = pd.read_csv(folder / "tables/claims.csv")
        first = claims.loc[claims["name"].isin(PICTURES), "evidence"].unique()
        told = sentences_of((folder / "summary.txt").read_text(encoding="utf-8"))
        rows = [
            [typeset(claim), verdict, typeset(number), _opens(folder / f"figures/{figure}.svg", figure)]
            for claim, verdict, number, figure in judgements(claims)
        ]
        pictures = "".join(_picture(folder / Path(path).with_suffix(".svg")) for path in first)
        sentences = "".join(f"<p>{typeset(sentence)}</p>" for sentence in told)
        table = raw_table(["claim", "verdict", "where it holds least", "figure"], rows)
        return f'<div class="findings"><div>{pictures}</div><div>{sentences}</div></div>{table}'


class Flow(Html):
    """`.. flow:: digits`: which rule reads what others made in a study."""

    edges: ClassVar[Callable[[], Iterable[Edge]]]

    def html(self, argument: str) -> str:
        """The drawing."""
        return f'<div class="scrolls" tabindex="0" aria-label="{escape(argument)}">{flow_svg(type(self).edges())}</div>'


def register(edges: Callable[[], Iterable[Edge]]) -> None:
    """Makes the directives known.

    Args:
        edges: gives the rules of the study, each with one that reads its results, when the report is made.
    """
    Flow.edges = staticmethod(edges)
    for name, directive in {"rounded": Rounded, "findings": Findings, "flow": Flow}.items():
        directives.register_directive(name, directive)


def _picture(path: Path) -> str:
    """A figure within the page, which opens it."""
    data = base64.b64encode(path.read_bytes()).decode()
    image = f'<img src="data:image/svg+xml;base64,{data}" alt="Figure {escape(path.stem)}"/>'
    return f'<p><a href="{_link(path)}">{image}</a></p>'


def _opens(path: Path, text: str) -> str:
    return f'<a href="{_link(path)}">{escape(text)}</a>'


def _link(path: Path) -> str:
    """Opens a result of Snakemake's page, with its caption in the menu."""
    shown = f"results['{path.as_posix()}'].data_uri"
    view = f"{{navbarMode: 'resultinfo', content: 'img', contentPath: {shown}, resultPath: '{path.as_posix()}'}}"
    return escape(f"javascript:app.setView({view})")
