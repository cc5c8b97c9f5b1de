"""What every experiment is: what a configuration says of it, and what follows from that.

An experiment is a folder beside this file, or in a folder of one's own, found by its name: `choices.py` holds its
subclass of `Experiment`, `specs.py` what its stages take. Both import nothing heavy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Protocol

from lossbasins import paths
from lossbasins.experiments.named import Entries, Grid, Grids, Name, landscapes
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Drawing, Table
from lossbasins.specs.modules import PACKAGE
from lossbasins.specs.runs import RunSpec
from lossbasins.specs.stage import Stage

Files = str | Sequence[str]


class Claim(NamedTuple):
    """A claim that the experiment tests; its `evidence.py` has a function of its name."""

    name: str
    """As in the rules of the configuration."""
    statement: str
    """What is claimed."""
    measured: str
    """What the rule is about."""
    table: str
    """Name of the table that the evidence is taken from."""
    figure: str
    """Name of the figure that shows it."""
    counts_fitted: bool = False
    """Whether its evidence counts fitted solutions, of which a rule may ask for some in each run."""


class Job(NamedTuple):
    """What a stage is given."""

    spec: Spec = Spec()
    inputs: Mapping[str, Files] = {}
    """Those that depend on the configuration, by name; its rule names the others."""


class Problem(NamedTuple):
    """A key that does not fit other entries of the configuration."""

    key: str
    """Below the experiment."""
    given: str | int | Sequence[str]
    allowed: str


@dataclass(frozen=True)
class Landscape:
    """Solutions of one data set and one model, with what is measured of them: what experiments share."""

    grids: Sequence[Grid]
    points: str
    """Path of the table that has them one by one, under each protocol."""
    spectra: Mapping[str, Sequence[str]]
    """Files of the spectra of each run: `spectrum` as trained, `matched_spectrum` at one loss."""
    top: int
    """The k of its log inverse volumes."""


def table_stage(
    package: str,
    table: str,
    spec: type[Spec],
    inputs: type,
    outputs: type = Table,
    *,
    name: str = "",
    module: str = "table",
) -> Stage:
    """The stage that makes a table, `<table>_table` if it has no other name."""
    return _stage(name or f"{table}_table", f"{package}.{module}", paths.table(table, "csv"), spec, inputs, outputs)


def figure_stage(package: str, figure: str, inputs: type, spec: type[Spec] = Spec, *, name: str = "") -> Stage:
    """The stage that makes a figure, `<figure>_figure` if it has no other name."""
    return _stage(name or f"{figure}_figure", f"{package}.figure", paths.figure(figure, "pdf"), spec, inputs, Drawing)


def part_stage(
    package: str, module: str, result: str, spec: type[Spec], inputs: type, outputs: type, *, name: str = ""
) -> Stage:
    """The stage that makes what tables read, a job for each part of it, such as each run and point.

    Args:
        package: of the experiment.
        module: in the package.
        result: the file that tells the parts apart, by their wildcards.
        spec: what a job takes.
        inputs: files.
        outputs: files.
        name: of the stage, if not the module's.
    """
    return replace(_stage(name or module, f"{package}.{module}", result, spec, inputs, outputs), in_parts=True)


def _stage(name: str, module: str, result: str, spec: type[Spec], inputs: type, outputs: type) -> Stage:
    place = "" if module.startswith(f"{PACKAGE}.") else module
    return Stage(name, module, result, spec, inputs, outputs, place)


class Measure(Protocol):
    """What an experiment may ask of a measure."""

    @property
    def sharper(self) -> str:
        """Which values are expected of sharper basins, `larger` or `smaller` ones."""


class Study(Protocol):
    """What an experiment may ask of the study that it is part of."""

    @property
    def entries(self) -> Entries:
        """What the configuration has for names."""

    @property
    def landscapes(self) -> Mapping[str, Landscape]:
        """By the name of the table that compares them."""

    def runs(self, grids: Iterable[Grid]) -> tuple[RunSpec, ...]:
        """Each run once, in the order of the grids."""

    def all_runs(self) -> tuple[RunSpec, ...]:
        """Those of all experiments."""

    def files(self, pattern: str, runs: Iterable[RunSpec], point: str = ...) -> list[str]:
        """One path for each run."""

    def path(self, pattern: str, **wildcards: str) -> str:
        """A path of the study."""

    @property
    def measures(self) -> Mapping[str, Measure]:
        """All that there are, by name."""

    @property
    def cheap_measures(self) -> tuple[str, ...]:
        """Those that some experiment reads."""

    @property
    def configured_measures(self) -> tuple[str, ...]:
        """Those with jobs of their own that give a number, and for which the configuration has an entry."""

    def measured(self, measure: str, runs: Iterable[RunSpec], point: str = ...) -> list[str]:
        """The files of a measure, one for each run."""

    def seed(self, *identity: str | int) -> int:
        """The seed of one thing."""

    def seeds(self, name: str) -> tuple[int, ...]:
        """A seed for each replica of a thing."""


class Experiment(Spec):
    """What a configuration says of an experiment."""

    number: ClassVar[str] = ""
    """Of the experiment, as in `E8`; the order of all tables and claims."""
    stages: ClassVar[tuple[Stage, ...]]
    """Those of its tables and figures, which are targets of the study, and of what these read of runs and points."""
    claims: ClassVar[tuple[Claim, ...]] = ()
    sentences: ClassVar[tuple[str, ...]] = ()
    """Names of the tables that the sentences of the summary are about, which its `sentences.py` makes."""
    entry: ClassVar[str] = ""
    """Where a configuration has entries of it by name, the wildcard of that name in its tables and figures."""
    entry_name: ClassVar[Any] = Name
    """What such a name may be."""

    def grids(self) -> Sequence[Grid]:
        """The runs that it compares, written out or implied."""
        return ()

    def replicas(self, run: RunSpec, study: Study) -> int:  # noqa: ARG002
        """How many replicas of a run it needs, if more than the study's."""
        return 0

    def landscape_grids(self) -> Sequence[Grid]:
        """Runs of one landscape whose spectra others may refer to by its name; empty if there are none."""
        return ()

    def landscape(self, name: str, study: Study) -> Landscape:
        """That landscape, with what is measured of it."""
        raise NotImplementedError

    def measures(self) -> Sequence[str]:
        """Names of the measures that it reads."""
        return ()

    def unnamed_measures(self, cheap: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """Those that it reads without naming them, of all cheap ones that there are, also one's own."""
        return ()

    def problems(self, entries: Entries, others: Mapping[str, "Experiment"]) -> Iterable[Problem]:  # noqa: ARG002
        """What does not fit: its names have entries, which can be looked up, but may be of the wrong kind."""
        return ()

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:
        """What each of its tables and figures is given, by stage; `name` is its own or that of its entry."""
        raise NotImplementedError

    def parts(self) -> Mapping[str, Iterable[object]]:
        """Values of the wildcards that its `part_stage`s have beyond those of runs and points."""
        return {}

    def part_job(self, stage: str, part: Mapping[str, str], study: Study) -> Job:
        """What one job of a `part_stage` is given; `part` has its wildcards."""
        raise NotImplementedError

    def chosen(self, choices: type[Spec]) -> dict[str, Any]:
        """The values of the keys that a stage takes as they are."""
        return {key: getattr(self, key) for key in choices.model_fields}


class Comparing(Experiment):
    """An experiment that compares runs of one landscape, which the configuration writes out."""

    runs: Grids
    """The solutions to compare."""

    def grids(self) -> Sequence[Grid]:
        """As written."""
        return self.runs

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:  # noqa: ARG002
        """Volumes compare only within one landscape."""
        found = landscapes(self.runs)
        if len(found) > 1:
            yield Problem("runs", found, "one dataset and one model, since volumes compare only within one landscape")
