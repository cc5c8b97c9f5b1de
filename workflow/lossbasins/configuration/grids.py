"""Names as a configuration writes them, attacks among them, and grids of runs."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from lossbasins.specs.base import Spec
from lossbasins.specs.entries import AttackSpec

NO_ATTACK = "none"
ATTACK = re.compile(r"w(\d+(?:\.\d+)?(?:e[+-]\d\d?)?)-n(\d{1,9})")

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$")]
"""A name that stands in paths."""


def _as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


Names = Annotated[Name | Annotated[tuple[Name, ...], Field(min_length=1)], AfterValidator(_as_tuple)]
"""One name or a list."""


class Grid(Spec):
    """All combinations of the names given; each key takes one name or a list."""

    dataset: Names
    """Names of entries of `datasets`."""
    model: Names
    """Names of entries of `models`."""
    init: Names
    """Names of entries of `inits`."""
    optimizer: Names
    """Names of entries of `optimizers`."""
    attack: Names
    """`none`, or weight and size as in `w0.1-n400`: gamma = 0.1 and 400 wrongly labelled images."""


def parse_attack(name: str) -> AttackSpec | None:
    """The attack of that name in paths and configurations, such as `w0.1-n400`; None for `none`.

    Raises:
        ValueError: no attack has that name.
    """
    if name == NO_ATTACK:
        return None
    match = ATTACK.fullmatch(name)
    if match is None or float(match[1]) == 0 or int(match[2]) == 0:
        raise ValueError(f"given {name!r}; allowed: {NO_ATTACK}, or a weight and a size above zero as in w0.1-n400")
    return AttackSpec(weight=float(match[1]), size=int(match[2]))
