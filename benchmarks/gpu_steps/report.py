"""What steps find: rows with their goals, and the table of them."""

import contextlib
import math
import traceback
from dataclasses import asdict, dataclass

NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class AtMost:
    """A goal from above."""

    limit: float

    def met(self, value):
        """Whether a value is not larger."""
        return value <= self.limit

    def __str__(self):
        return f"<= {number(self.limit)}"


@dataclass(frozen=True)
class AtLeast:
    """A goal from below."""

    limit: float

    def met(self, value):
        """Whether a value is not smaller."""
        return value >= self.limit

    def __str__(self):
        return f">= {number(self.limit)}"


class Yes:
    """The goal of what is to hold."""

    def met(self, value):
        """Whether it does."""
        return value is True

    def __str__(self):
        return "yes"


@dataclass(frozen=True)
class Row:
    """One number, or what stands for it."""

    what: str
    value: float | bool | str | None
    """None: not measured."""
    unit: str = ""
    goal: str = ""
    met: bool | None = None
    """None without a goal, or where nothing was measured."""
    note: str = ""


class Report:
    """Takes what a step finds, and passes it on at once.

    Args:
        send: called with each row; one of the same `what` as before stands for the former.
        pretended: whether the GPU is a pretend one, so that what only a GPU can tell is not measured.
    """

    def __init__(self, send, *, pretended):
        self._send = send
        self._pretended = pretended

    def __call__(self, what, value, unit="", goal=None, note=""):
        """What shows on any device."""
        met = bool(goal.met(value)) if goal else None
        if isinstance(value, float) and not math.isfinite(value):
            value = str(value)  # JSON has no such number
        self._send(Row(what, value, unit, str(goal or ""), met, note))

    def measured(self, what, value, unit="", goal=None, note=""):
        """What only a GPU can tell: seconds, bytes, and what follows from them."""
        if self._pretended:
            self._send(Row(what, None, unit, str(goal or "")))
        else:
            self(what, value, unit, goal, note)

    @contextlib.contextmanager
    def attempt(self, what):
        """Has an error within become a row of its own, so that a step goes on with what does not rest on it."""
        try:
            yield
        except Exception as error:
            traceback.print_exc()
            lines = str(error).strip().splitlines() or [""]
            self._send(Row(f"{what}: error", type(error).__name__, goal="none", met=False, note=lines[0][:120]))


def number(value):
    """A value as the table shows it."""
    if value is None:
        return NOT_MEASURED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if math.isfinite(value) and (isinstance(value, int) or 1000 <= abs(value) < 1e7):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(steps):
    """All rows in Markdown, a line each, under the state of their step.

    Args:
        steps: as `session.run` gives them.
    """
    lines = ["| what | value | goal | note |", "| --- | --- | --- | --- |"]
    for step in steps:
        state = step["state"] + (f": {step['error'].strip().splitlines()[-1][:160]}" if step["error"] else "")
        lines.append(f"| **{step['name']}** | {step['seconds']:.0f} s of {step['limit']:.0f} | | {state} |")
        for row in step["rows"]:
            verdict = {True: " met", False: " MISSED", None: ""}[row["met"]]
            value = f"{number(row['value'])} {row['unit'] if row['value'] is not None else ''}".strip()
            lines.append(f"| {row['what']} | {value} | {row['goal']}{verdict} | {row['note']} |")
    return "\n".join(lines)


def as_values(rows):
    """Rows for JSON."""
    return [asdict(row) for row in rows]
