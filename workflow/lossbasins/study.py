"""What follows from a configuration: runs, files and targets."""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lossbasins import paths
from lossbasins.configuration.grids import ATTACK, NO_ATTACK, Grid, parse_attack
from lossbasins.configuration.reading import read_configuration
from lossbasins.configuration.schema import TRAINED, Configuration
from lossbasins.specs.runs import RunSpec

NOTHING = "(?!)"
"""A pattern that matches nothing; Snakemake takes an empty one for no constraint."""
DRAWN = ("curve_fitting", "batch_size", "initialization", "two_layer", "convex", "basin_ratio")
"""Experiments that may be left out, each with a table and a figure of its name."""


class RunWildcards(Protocol):
    """Snakemake's wildcards of a path."""

    dataset: str
    model: str
    init: str
    optimizer: str
    attack: str


@dataclass(frozen=True)
class Study:
    """A checked configuration, and what follows from it."""

    configuration: Configuration

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Study":
        """The study of a configuration as read from YAML; raises `ConfigurationError` where that is wrong."""
        return cls(read_configuration(mapping))

    @property
    def name(self) -> str:
        """Of the study, as in its paths."""
        return self.configuration.study

    @property
    def polished_points(self) -> str:
        """What the wildcard of a polished point may be."""
        return _any_of(self.configuration.polish)

    @property
    def compared_point(self) -> str:
        """The polished point of the experiment `polish`; without that experiment, the trained one."""
        experiment = self.configuration.experiments.polish
        return experiment.point if experiment else TRAINED

    @property
    def comparisons(self) -> tuple[str, ...]:
        """The names of the comparisons of volumes, one for each landscape."""
        return tuple(self.configuration.experiments.volumes)

    def runs(self, experiment: str) -> tuple[RunSpec, ...]:
        """The runs of an experiment, each once, in the order of the configuration; none if it is not configured.

        Args:
            experiment: `spectrum`, `polish`, `batch_size`, `initialization`, `starts` or the name of one of `volumes`.
        """
        experiments = self.configuration.experiments
        chosen = (experiments.with_runs() | experiments.with_implied_runs()).get(experiment)
        grids = chosen.runs if chosen else ()
        return tuple(dict.fromkeys(run for grid in grids for run in _runs_of(grid)))

    def random_starts(self) -> tuple[RunSpec, ...]:
        """All unattacked runs in the landscape whose basins are compared, whichever experiment asks for them."""
        experiment = self.configuration.experiments.basin_ratio
        if experiment is None:
            return ()
        landscape = {(run.dataset, run.model) for run in self.runs(experiment.volumes)}
        experiments = self.configuration.experiments
        named = (*experiments.with_runs(), *experiments.with_implied_runs())
        runs = (run for name in named for run in self.runs(name))
        return tuple(dict.fromkeys(run for run in runs if not run.attack and (run.dataset, run.model) in landscape))

    def run_files(self, pattern: str, experiment: str, point: str = TRAINED) -> list[str]:
        """One path for each run of an experiment.

        Args:
            pattern: one of `lossbasins.paths`, with the wildcards of a point.
            experiment: whose runs.
            point: where on its way a solution is looked at.
        """
        return self._files(pattern, self.runs(experiment), point)

    def start_files(self, pattern: str) -> list[str]:
        """One path for each run of random starts; `pattern` is as in `run_files`."""
        return self._files(pattern, self.random_starts(), TRAINED)

    def volume_files(self, comparison: str) -> dict[str, list[str]]:
        """What a table of volumes reads: evaluations, spectra and norms of the trained and of the matched solutions."""
        volume = self.configuration.experiments.volumes[comparison]
        measured = {"evaluation": paths.EVALUATION, "spectrum": paths.SPECTRUM, "frobenius": paths.FROBENIUS}
        if not volume.spectrum:
            del measured["spectrum"]
        points = {"": TRAINED} | ({"matched_": volume.matched} if volume.matched else {})
        return {
            prefix + name: self.run_files(pattern, comparison, point)
            for prefix, point in points.items()
            for name, pattern in measured.items()
        }

    def basin_ratio_files(self) -> dict[str, Any]:
        """What the table of basin ratios reads: the points under each protocol and the spectra that they are from."""
        experiment = self.configuration.experiments.basin_ratio
        if experiment is None:
            return {}
        files = self.volume_files(experiment.volumes)
        spectra = {name: paths for name, paths in files.items() if name.endswith("spectrum")}
        return {"points": paths.table(f"{experiment.volumes}_points", "csv").format(study=self.name), **spectra}

    def split_of(self, experiment: Literal["two_layer", "convex"]) -> list[str]:
        """The split that an experiment of its own networks takes; nothing if it is not configured."""
        chosen = getattr(self.configuration.experiments, experiment)
        return [paths.SPLIT.format(study=self.name, dataset=chosen.dataset)] if chosen else []

    def claim_files(self) -> dict[str, list[str]]:
        """The tables by which claims are judged; none of experiments that are not configured."""
        configured = dict(self.configuration.experiments) | {"starts": self.configuration.experiments.basin_ratio}
        judged = {name: name for name in ("spectrum", *DRAWN, "starts")} | {"initialization": "initialization_spread"}
        found = {name: [paths.table(table, "csv")] if configured[name] else [] for name, table in judged.items()}
        files = found | {"volume": [paths.table(name, "csv") for name in self.comparisons]}
        return {name: [path.format(study=self.name) for path in tables] for name, tables in files.items()}

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of all figures, each of which has a table of its name."""
        configured = dict(self.configuration.experiments)
        return ("spectrum", *self.comparisons, *(name for name in DRAWN if configured[name]))

    def targets(self) -> list[str]:
        """Every table and figure of the study, and its summary."""
        configured = dict(self.configuration.experiments)
        starts = ("starts",) if configured["basin_ratio"] else ()
        tabled = (*self.figures, "claims", *starts, *(("polish",) if configured["polish"] else ()))
        tables = [paths.table(name, suffix) for name in tabled for suffix in ("csv", "md", "tex")]
        figures = [paths.figure(name, suffix) for name in self.figures for suffix in ("pdf", "svg", "png")]
        return [path.format(study=self.name) for path in (*tables, *figures, paths.SUMMARY)]

    def wildcard_constraints(self) -> dict[str, str]:
        """What each wildcard may be: the names of the configuration."""
        choices = self.configuration
        return {
            "study": re.escape(self.name),
            "dataset": _any_of(choices.datasets),
            "model": _any_of(choices.models),
            "init": _any_of(choices.inits),
            "optimizer": _any_of(choices.optimizers),
            "attack": f"{NO_ATTACK}|{ATTACK.pattern}",
            "point": _any_of([TRAINED, *choices.polish]),
            "comparison": _any_of(choices.experiments.volumes),
        }

    def surroundings(self) -> dict[str, str]:
        """Environment variables of every job: what it may use, but what does not determine its result."""
        return {
            "LOSSBASINS_DEVICE": self.configuration.device,
            "LOSSBASINS_DATA_DIR": self.configuration.data_dir,
            "LOSSBASINS_SAVE_EVERY": str(self.configuration.save_every),
            # glibc then keeps freed pages, which halves the time of Hessian products on a CPU (docs/curvature.md).
            "MALLOC_MMAP_THRESHOLD_": str(2**30),
            "MALLOC_TRIM_THRESHOLD_": str(2**32),
        }

    def raw_files(self, dataset: str) -> list[str]:
        """The user's own files that a data set is made from."""
        options = self.configuration.datasets[dataset].options
        return [options["path"]] if "path" in options else []

    def _files(self, pattern: str, runs: Iterable[RunSpec], point: str) -> list[str]:
        return [pattern.format(study=self.name, point=point, **wildcards_of(run)) for run in runs]


def run_of(wildcards: RunWildcards) -> RunSpec:
    """The run that a path belongs to."""
    return RunSpec(
        dataset=wildcards.dataset,
        model=wildcards.model,
        init=wildcards.init,
        optimizer=wildcards.optimizer,
        attack=parse_attack(wildcards.attack),
    )


def wildcards_of(run: RunSpec) -> dict[str, str]:
    """The wildcards of a run's paths."""
    return {
        "dataset": run.dataset,
        "model": run.model,
        "init": run.init,
        "optimizer": run.optimizer,
        "attack": run.attack.name if run.attack else NO_ATTACK,
    }


def _runs_of(grid: Grid) -> Iterable[RunSpec]:
    for dataset, model, init, optimizer, attack in itertools.product(
        grid.dataset, grid.model, grid.init, grid.optimizer, grid.attack
    ):
        yield RunSpec(dataset=dataset, model=model, init=init, optimizer=optimizer, attack=parse_attack(attack))


def _any_of(names: Iterable[str]) -> str:
    """A pattern that matches one of the names; without names, nothing."""
    return "|".join(map(re.escape, names)) or NOTHING
