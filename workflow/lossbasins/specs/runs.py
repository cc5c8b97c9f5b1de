"""The identity of a run, for tables and figures; apart, so that it concerns no stage that measures."""

from lossbasins.specs.base import Spec
from lossbasins.specs.entries import AttackSpec
from lossbasins.specs.random_labels import RandomLabelsSpec


class RunSpec(Spec):
    """The identity of a run, for tables and figures."""

    dataset: str
    model: str
    init: str
    optimizer: str
    attack: AttackSpec | RandomLabelsSpec | None = None
    """What makes it bad: an attack term, or random labels before the true ones."""
