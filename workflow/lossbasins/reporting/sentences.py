"""What experiments say of their tables, for the summary.

The module `sentences` of an experiment has a function of that name, from its tables to a list of `Said`.
"""

from collections.abc import Callable
from typing import NamedTuple

AGAINST = "against"
"""What speaks against the paper's explanation, or sets limits to what was found."""


class Said(NamedTuple):
    """Part of a sentence."""

    about: str
    """A protocol, or `AGAINST`."""
    text: str
    """Without its full stop."""


Tell = Callable[..., list[Said]]
"""From one frame for each of the experiment's told tables."""


def side(low: float, high: float, *, below: str, above: str, both: str) -> str:
    """The words for an interval that lies below zero, above it, or on both sides."""
    return below if high < 0 else above if low > 0 else both
