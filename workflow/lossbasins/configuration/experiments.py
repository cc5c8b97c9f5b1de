"""The experiments as a configuration writes them, and the runs that they name or imply."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, PositiveInt, StringConstraints

from lossbasins.configuration.grids import NO_ATTACK, Grid, Name, Names
from lossbasins.specs.base import Spec
from lossbasins.specs.basin_ratio_table import BasinRatioChoices
from lossbasins.specs.batch_size_table import BatchSizeChoices
from lossbasins.specs.convex import ConvexChoices
from lossbasins.specs.curve_fitting import CurveFittingChoices
from lossbasins.specs.initialization_table import CaseChoices, Printed
from lossbasins.specs.starts_table import StartsChoices
from lossbasins.specs.two_layer import TwoLayerChoices
from lossbasins.specs.volume_table import VolumeChoices

VolumeName = Annotated[str, StringConstraints(pattern=r"^volume(-[A-Za-z0-9]+)*$")]
"""A name that tables and figures of one landscape have."""
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


class ConvexExperiment(ConvexChoices):
    """E7, the paper's Appendix B."""

    dataset: Name
    """Name of an entry of `datasets`."""

    def named(self) -> Named:
        """Which entries it names."""
        return {"dataset": ("dataset", (self.dataset,))}


class SpectrumExperiment(Spec):
    """E5, the paper's Fig. 2."""

    runs: Annotated[tuple[Grid, ...], Field(min_length=1)]
    """The solutions to choose from."""
    top: PositiveInt = 50
    """How many of the largest eigenvalues are compared."""


class VolumeExperiment(VolumeChoices):
    """E6, the paper's Fig. 3: one landscape."""

    runs: Annotated[tuple[Grid, ...], Field(min_length=1)]
    """The solutions to compare."""
    spectrum: bool = True
    """Whether all eigenvalues are computed; of large networks there is the Frobenius norm alone."""
    matched: Name | None = None
    """Name of an entry of `polish` with a target loss: where solutions are compared at one L_S; null does without."""


class Starts(Spec):
    """Random starts beyond those of the other experiments."""

    runs: Annotated[tuple[Grid, ...], Field(min_length=1)]
    """Unattacked, in the landscape of the volumes."""
    replicas: PositiveInt
    """Of each of these runs, at least."""


class BasinRatioExperiment(BasinRatioChoices, StartsChoices):
    """E8: relative volumes of bad basins, and the share of random starts that end in one."""

    volumes: VolumeName = "volume"
    """Whose spectra are compared, and whose landscape the starts are in."""
    starts: Starts | None = None
    """More than the unattacked replicas of the other experiments."""


class PolishExperiment(Spec):
    """What descending L_S alone does to solutions, above all to their test accuracy."""

    runs: Annotated[tuple[Grid, ...], Field(min_length=1)]
    """The solutions to compare before and after."""
    point: Name
    """Name of an entry of `polish`."""


class TwoLayerExperiment(TwoLayerChoices):
    """E4, section 4; its networks are trained apart from all runs."""

    dataset: Name
    """Name of an entry of `datasets`."""
    attack: Names
    """As in runs: `none`, or weight and size; each point gets the target that its true class has not."""

    def named(self) -> Named:
        """Which entries it names."""
        return {"dataset": ("dataset", (self.dataset,)), "attack": ("attack", tuple(self.attack))}


NamingExperiment = BatchSizeExperiment | InitializationExperiment | TwoLayerExperiment | ConvexExperiment
"""One that names entries otherwise than in runs."""


class Experiments(Spec):
    """What the study measures; runs that several experiments name are shared."""

    curve_fitting: CurveFittingChoices | None = None
    """E1, the paper's Fig. 1."""
    spectrum: SpectrumExperiment
    volumes: dict[VolumeName, VolumeExperiment]
    """E6; an overlay leaves out one of the default study by null."""
    convex: ConvexExperiment | None = None
    polish: PolishExperiment | None = None
    batch_size: BatchSizeExperiment | None = None
    initialization: InitializationExperiment | None = None
    basin_ratio: BasinRatioExperiment | None = None
    two_layer: TwoLayerExperiment | None = None

    def with_runs(self) -> dict[str, SpectrumExperiment | VolumeExperiment | PolishExperiment | Starts]:
        """Those that are configured and write out the runs that they compare, by name."""
        polish = {"polish": self.polish} if self.polish else {}
        starts = {"starts": self.basin_ratio.starts} if self.basin_ratio and self.basin_ratio.starts else {}
        return {"spectrum": self.spectrum, **self.volumes, **polish, **starts}

    def with_implied_runs(self) -> dict[str, BatchSizeExperiment | InitializationExperiment]:
        """Those that are configured and whose runs follow from the rest, by name."""
        experiments = {"batch_size": self.batch_size, "initialization": self.initialization}
        return {name: experiment for name, experiment in experiments.items() if experiment}

    def with_names(self) -> dict[str, NamingExperiment]:
        """Those that are configured and name entries otherwise than in runs, by name."""
        others = {"two_layer": self.two_layer, "convex": self.convex}
        return {**self.with_implied_runs(), **{name: experiment for name, experiment in others.items() if experiment}}
