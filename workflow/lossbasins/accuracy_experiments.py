"""The experiments that compare accuracies, as a configuration writes them, and the runs that they imply."""

from collections.abc import Mapping

from pydantic import Field

from lossbasins.grids import NO_ATTACK, Grid, Name, Names
from lossbasins.specs.base import Spec
from lossbasins.specs.batch_size_table import BatchSizeChoices
from lossbasins.specs.initialization_table import CaseChoices, Printed

Named = Mapping[str, tuple[str, tuple[str, ...]]]
"""Keys that name entries of the configuration: by key, which of a grid's keys it stands for, and the names."""


class BatchSizeExperiment(BatchSizeChoices):
    """E2, the table of section 3.1; its runs are implied."""

    dataset: Name
    """Name of an entry of `datasets`."""
    model: Names
    """Names of entries of `models`, each with a row of its own."""
    init: Name
    """Name of an entry of `inits`."""
    attack: Name
    """Weight and size, as in runs: makes bad solutions, whose distance from the good ones is the yardstick."""

    @property
    def runs(self) -> tuple[Grid, ...]:
        """Both batches without attack, and mini batches with it."""
        good = Grid(
            dataset=self.dataset,
            model=self.model,
            init=self.init,
            optimizer=(self.full, self.mini),
            attack=NO_ATTACK,
        )
        return good, good.model_copy(update={"optimizer": (self.mini,), "attack": (self.attack,)})

    def named(self) -> Named:
        """Which entries it names."""
        return {
            "dataset": ("dataset", (self.dataset,)),
            "model": ("model", tuple(self.model)),
            "init": ("init", (self.init,)),
            "full": ("optimizer", (self.full,)),
            "mini": ("optimizer", (self.mini,)),
            "attack": ("attack", (self.attack,)),
        }


class InitializationCase(CaseChoices):
    """A column of Table 1."""

    inits: dict[Name, Printed] = Field(min_length=2)
    """By name of an entry of `inits`, what the paper prints beside it; the paper names the last one alone."""


class InitializationExperiment(Spec):
    """E3, the paper's Table 1; its runs are implied."""

    cases: tuple[InitializationCase, ...] = Field(min_length=1)
    """The columns of Table 1."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""

    @property
    def runs(self) -> tuple[Grid, ...]:
        """Every initialisation of every case, without attack."""
        return tuple(
            Grid(
                dataset=case.dataset,
                model=case.model,
                init=tuple(case.inits),
                optimizer=case.optimizer,
                attack=NO_ATTACK,
            )
            for case in self.cases
        )

    def named(self) -> Named:
        """Which entries it names."""
        keys = ("dataset", "model", "optimizer")
        cases = list(enumerate(self.cases))
        return {f"cases.{number}.{key}": (key, (getattr(case, key),)) for number, case in cases for key in keys} | {
            f"cases.{number}.inits": ("init", tuple(case.inits)) for number, case in cases
        }
