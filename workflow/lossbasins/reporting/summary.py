"""What the study says, on one screen: a few sentences, and one table with a row for each claim."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from lossbasins.reporting.claims import NONE, NOT_SUPPORTED, SUPPORTED, UNDECIDED, measurement
from lossbasins.reporting.protocols import PROTOCOLS
from lossbasins.reporting.sentences import AGAINST, Said

WIDTH = 100
"""Characters of a line of plain text."""
ASKED = (
    "Do networks generalise because the basins of good minima of the loss are overwhelmingly larger than those of bad "
    "ones (arXiv 1706.10239)?"
)
FOOT = "A number is that of the place where its claim holds least; all places, rules and units: tables/claims.md."
COLUMNS = {"claim": 36, "verdict": 17, "number": 26, "figure": 15}
"""Of the table in plain text, each with its width in characters."""
HEADER = "claim "
"""What the table begins with, and no sentence."""
ORDER = (NOT_SUPPORTED, UNDECIDED, SUPPORTED)


class Judgement(NamedTuple):
    """What became of a claim in all places together."""

    claim: str
    verdict: str
    number: str
    """Of the place where it holds least; empty if none has one."""
    figure: str
    """Name of the figure that shows it."""


def summary(told: Iterable[tuple[str, Said]], claims: pd.DataFrame) -> str:
    """The sentences, and a table of all claims.

    Args:
        told: what experiments say, each with the name of its entry, empty where there is but one.
        claims: from `lossbasins.reporting.claims.claims_table`.
    """
    filled = [textwrap.fill(paragraph, WIDTH) for paragraph in paragraphs(told, claims)]
    ledger = [NONE] if claims.empty else [_table(judgements(claims)), FOOT]
    return "\n\n".join([*filled, *ledger]) + "\n"


def paragraphs(told: Iterable[tuple[str, Said]], claims: pd.DataFrame) -> list[str]:
    """What was asked, what came out under each protocol, and what speaks against it, a sentence each.

    Args:
        told: as in `summary`.
        claims: as in `summary`.
    """
    told = list(told)
    headings = {name: phrase.capitalize() for name, phrase in PROTOCOLS.items()} | {AGAINST: "Against it"}
    found = {about: [_named(name, said.text) for name, said in told if said.about == about] for about in headings}
    found[AGAINST] += _refuted(claims)
    return [ASKED, *(f"{headings[about]}: {'; '.join(texts)}." for about, texts in found.items() if texts)]


def sentences_of(text: str) -> list[str]:
    """The sentences of a summary, each on one line.

    Args:
        text: from `summary`.
    """
    return [" ".join(block.splitlines()) for block in text.split("\n\n") if not block.startswith((HEADER, FOOT))]


def judgements(claims: pd.DataFrame) -> list[Judgement]:
    """One for each claim and figure that shows it, in the order of the ledger.

    Args:
        claims: as in `summary`.
    """
    groups = claims.groupby(["experiment", "claim", "evidence"], sort=False)
    return [
        Judgement(
            f"{experiment} {claim}",
            _verdict(places),
            _least(places),
            str(figure).removeprefix("figures/").removesuffix(".pdf"),
        )
        for (experiment, claim, figure), places in groups
    ]


def _verdict(places: pd.DataFrame) -> str:
    """The verdict that all places share, or in how many of those that were measured a claim is supported."""
    measured = places[places["value"].notna()]
    if measured.empty:
        return "not measured"
    found = measured["verdict"]
    if found.nunique() == 1 and len(measured) == len(places):
        return str(found.iloc[0])
    refuted = int((found == NOT_SUPPORTED).sum())
    return f"{(found == SUPPORTED).sum()} of {len(places)} supported" + (f", {refuted} not" if refuted else "")


def _least(places: pd.DataFrame) -> str:
    """The measurement of the place where a claim holds least: by verdict, then by the nearer end of the interval."""
    measured = places[places["value"].notna()]
    if measured.empty:
        return ""
    ranked = measured.assign(rank=[ORDER.index(verdict) for verdict in measured["verdict"]])
    worst = ranked[ranked["rank"] == ranked["rank"].min()]
    upper = str(worst["rule"].iloc[0]).startswith("<")
    ends = worst["high"].fillna(worst["value"]) if upper else -worst["low"].fillna(worst["value"])
    return measurement(worst.loc[ends.idxmax()])


def _refuted(claims: pd.DataFrame) -> list[str]:
    """Each claim that is not supported somewhere, and how many verdicts are open."""
    said = [
        f'not supported is "{row["claim"]}"' + (f" ({row['where']})" if pd.notna(row["where"]) and row["where"] else "")
        for _, row in claims[claims["verdict"] == NOT_SUPPORTED].iterrows()
    ]
    open_ = int((claims["verdict"] == UNDECIDED).sum())
    return [*said, *([f"{open_} of {len(claims)} verdicts are undecided"] if open_ else [])]


def _named(name: str, text: str) -> str:
    return f"{name}, {text}" if name else text


def _table(judged: Sequence[Judgement]) -> str:
    header = _row(tuple(COLUMNS))
    return "\n".join([header, "-" * len(header), *map(_row, judged)])


def _row(texts: Sequence[str]) -> str:
    """A row of as many lines as its longest text needs."""
    widths = tuple(COLUMNS.values())
    wrapped = [textwrap.wrap(text, width) or [""] for text, width in zip(texts, widths, strict=True)]
    lines = [[cell[line] if line < len(cell) else "" for cell in wrapped] for line in range(max(map(len, wrapped)))]
    # Names of figures are one word each, which may be longer than their column.
    return "\n".join("  ".join(t.ljust(w) for t, w in zip(line, widths, strict=True)).rstrip() for line in lines)
