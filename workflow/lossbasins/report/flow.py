"""The flow of a study as a picture: its rules in columns, from the first to the last."""

from collections.abc import Iterable, Mapping
from html import escape

COLUMN, ROW, BOX, HEIGHT = 176, 26, 152, 20
"""Pixels: from one column to the next, from one row to the next, width and height of a box."""
MARGIN = 8
SWEEPS = 6
"""How often rules are moved towards those that they are tied to."""

Edge = tuple[str, str]


def flow_svg(edges: Iterable[Edge]) -> str:
    """A drawing of which rule's results each rule reads.

    Args:
        edges: from a rule to one that reads its results; without cycles.
    """
    edges = reduced(edges)
    place = arranged(edges)
    width = COLUMN * (1 + max(column for column, _ in place.values())) - (COLUMN - BOX) + 2 * MARGIN
    height = ROW * (1 + max(row for _, row in place.values())) + 2 * MARGIN
    drawn = [*(_line(place[a], place[b]) for a, b in sorted(edges)), *(_box(*item) for item in sorted(place.items()))]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-size="11" font-family="sans-serif">'
        f"<title>Rules, each to the right of those whose results it reads</title>{''.join(drawn)}</svg>"
    )


def reduced(edges: Iterable[Edge]) -> set[Edge]:
    """Without edges that a longer way says too."""
    edges = set(edges)
    after = _after(edges)

    def reached(rule: str, seen: set[str]) -> set[str]:
        for other in after.get(rule, set()) - seen:
            seen.add(other)
            reached(other, seen)
        return seen

    beyond = {rule: set().union(*(reached(other, set()) for other in after[rule])) for rule in after}
    return {(a, b) for a, b in edges if b not in beyond[a]}


def arranged(edges: Iterable[Edge]) -> Mapping[str, tuple[int, float]]:
    """Column and row of each rule: as far right as the longest way to it, beside those that it is tied to."""
    edges = set(edges)
    columns = _columns(edges)
    groups: dict[int, list[str]] = {}
    for rule in sorted(columns):
        groups.setdefault(columns[rule], []).append(rule)
    tallest = max(map(len, groups.values()))
    tied: dict[str, list[str]] = {}
    for a, b in sorted(edges):
        tied.setdefault(a, []).append(b)
        tied.setdefault(b, []).append(a)
    row = {rule: float(place) for rules in groups.values() for place, rule in enumerate(rules)}
    for _ in range(SWEEPS):
        for rules in groups.values():
            rules.sort(key=lambda rule: sum(row[other] for other in tied[rule]) / len(tied[rule]))
            top = (tallest - len(rules)) / 2
            row |= {rule: top + place for place, rule in enumerate(rules)}
    return {rule: (columns[rule], row[rule]) for rule in columns}


def _columns(edges: set[Edge]) -> dict[str, int]:
    before: dict[str, set[str]] = {rule: set() for edge in edges for rule in edge}
    for a, b in edges:
        before[b].add(a)
    columns: dict[str, int] = {}
    while len(columns) < len(before):
        ready = [rule for rule in before if rule not in columns and before[rule] <= columns.keys()]
        if not ready:
            raise ValueError(f"edges go in a circle: {', '.join(sorted(before.keys() - columns.keys()))}")
        columns |= {rule: 1 + max((columns[other] for other in before[rule]), default=-1) for rule in ready}
    return columns


def _after(edges: set[Edge]) -> dict[str, set[str]]:
    after: dict[str, set[str]] = {}
    for a, b in edges:
        after.setdefault(a, set()).add(b)
    return after


def _line(start: tuple[int, float], end: tuple[int, float]) -> str:
    x1, y1 = MARGIN + start[0] * COLUMN + BOX, MARGIN + start[1] * ROW + HEIGHT / 2
    x2, y2 = MARGIN + end[0] * COLUMN, MARGIN + end[1] * ROW + HEIGHT / 2
    half = (COLUMN - BOX) * 0.9
    way = f"M{x1} {y1:.1f}C{x1 + half} {y1:.1f} {x2 - half} {y2:.1f} {x2} {y2:.1f}"
    return f'<path d="{way}" fill="none" stroke="#94a3b8"/>'


def _box(rule: str, place: tuple[int, float]) -> str:
    x, y = MARGIN + place[0] * COLUMN, MARGIN + place[1] * ROW
    return (
        f'<rect x="{x}" y="{y:.1f}" width="{BOX}" height="{HEIGHT}" rx="4" fill="#f1f5f9" stroke="#475569"/>'
        f'<text x="{x + BOX / 2}" y="{y + 14:.1f}" text-anchor="middle" fill="#0f172a">{escape(rule)}</text>'
    )
