"""Names as a configuration writes them, and grids of runs."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from lossbasins.specs.base import Spec

NO_ATTACK = "none"

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
