"""The identity of a run, for tables and figures; apart, so that it concerns no stage that measures."""

from lossbasins.specs.base import Spec
from lossbasins.specs.entries import AttackSpec


class RunSpec(Spec):
    """The identity of a run, for tables and figures."""

    dataset: str
    model: str
    init: str
    optimizer: str
    attack: AttackSpec | None = None
