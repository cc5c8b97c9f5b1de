"""What follows from a configuration: runs, files and targets."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lossbasins import catalogue, paths
from lossbasins.configuration.reading import ERRORS, ConfigurationError, read_configuration, said
from lossbasins.configuration.schema import Configuration, dotted
from lossbasins.experiments.experiment import Experiment, Job, Landscape
from lossbasins.experiments.named import TRAINED, Entries, Grid
from lossbasins.provenance.fingerprint import canonical_json
from lossbasins.specs.files import Drawing
from lossbasins.specs.modules import path_of
from lossbasins.specs.runs import RunSpec
from lossbasins.specs.stage import Stage
from lossbasins.wildcards import RunWildcards, run_of, wildcards_of


class Planned(NamedTuple):
    """An experiment that is configured, or one of its entries."""

    folder: str
    """Name of the experiment."""
    name: str
    """Of the entry, or the experiment's."""
    chosen: Experiment

    @property
    def wildcards(self) -> dict[str, str]:
        """Of its tables and figures, where it has several entries."""
        return {self.chosen.entry: self.name} if self.chosen.entry else {}


@dataclass(frozen=True)
class Study:
    """A checked configuration, and what follows from it."""

    configuration: Configuration

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Study":
        """The study of a configuration as read from YAML; raises `ConfigurationError` where that is wrong."""
        study = cls(read_configuration(mapping))
        study._jobs  # noqa: B018, planned now, so that what is wrong there is told with the rest
        return study

    @property
    def name(self) -> str:
        """Of the study, as in its paths."""
        return self.configuration.study

    @property
    def entries(self) -> Entries:
        """What experiments name."""
        return self.configuration

    @property
    def own(self) -> str | None:
        """Folder of one's own, with dots."""
        return dotted(self.configuration.own)

    @cached_property
    def experiments(self) -> tuple[Planned, ...]:
        """Those that are configured, in the order of their numbers; each entry by itself."""
        return tuple(Planned(*planned) for planned in self.configuration.experiments.named())

    @cached_property
    def stages(self) -> Mapping[str, Stage]:
        """Those of the configured experiments, by the names of their rules."""
        return {stage.name: stage for planned in self.experiments for stage in planned.chosen.stages}

    @cached_property
    def landscapes(self) -> Mapping[str, Landscape]:
        """By the name of the table that compares them."""
        return {
            planned.name: planned.chosen.landscape(planned.name, self)
            for planned in self.experiments
            if planned.chosen.landscape_grids()
        }

    @cached_property
    def measures(self) -> Mapping[str, catalogue.Measure]:
        """All that there are, by name."""
        return catalogue.measures(self.own)

    @cached_property
    def cheap_measures(self) -> tuple[str, ...]:
        """Cheap measures that some experiment reads, in the order of their names."""
        cheap = [name for name, found in self.measures.items() if found.cheap]
        chosen = [planned.chosen for planned in self.experiments]
        asked = {name for each in chosen for name in (*each.measures(), *each.unnamed_measures(cheap))}
        return tuple(sorted(asked & set(cheap)))

    @property
    def heavy_measures(self) -> tuple[str, ...]:
        """Those with jobs of their own that give a number."""
        return tuple(name for name, found in self.measures.items() if not found.arrays and not found.cheap)

    @property
    def configured_measures(self) -> tuple[str, ...]:
        """Heavy ones for which the configuration has an entry."""
        entries = self.configuration.curvature.model_fields_set
        return tuple(name for name in self.heavy_measures if name in entries)

    def stage(self, name: str) -> Stage:
        """The stage of a manifest's file name."""
        if name in self.stages:
            return self.stages[name]
        return catalogue.measure_stage(self.measures[name]) if name in self.measures else catalogue.stage(name)

    def runs(self, grids: Iterable[Grid]) -> tuple[RunSpec, ...]:
        """Each run once, in the order of the grids."""
        return tuple(dict.fromkeys(run for grid in grids for run in grid.runs()))

    def all_runs(self) -> tuple[RunSpec, ...]:
        """Those of all experiments, each once."""
        return self.runs(grid for planned in self.experiments for grid in planned.chosen.grids())

    def replicas(self, run: RunSpec) -> int:
        """As many as the study has, or an experiment needs."""
        needed = (planned.chosen.replicas(run, self) for planned in self.experiments)
        return max(self.configuration.replicas, *needed, 0)

    def files(self, pattern: str, runs: Iterable[RunSpec], point: str = TRAINED) -> list[str]:
        """One path for each run.

        Args:
            pattern: one of `lossbasins.paths`, with the wildcards of a point.
            runs: whose.
            point: where on its way a solution is looked at.
        """
        return [self.path(pattern, point=point, **wildcards_of(run)) for run in runs]

    def measured(self, measure: str, runs: Iterable[RunSpec], point: str = TRAINED) -> list[str]:
        """The file of a measure for each run; `point` is as in `files`."""
        if measure not in self.measures:
            raise ValueError(f"no measure {measure!r}; there are {', '.join(self.measures)}")
        found = self.measures[measure]
        if found.cheap and measure not in self.cheap_measures:
            raise ValueError(f"measure {measure!r}: not among those that the experiment's measures() gives")
        pattern = paths.ARRAYS if found.arrays else paths.CHEAP if found.cheap else paths.VALUES
        return self.files(pattern.replace("{measure}", measure), runs, point)

    def arrays_read(self, measures: Iterable[str], wildcards: RunWildcards) -> list[str]:
        """The files of arrays that measures start from, at the point of the wildcards."""
        read = dict.fromkeys(name for measure in measures for name in self.measures[measure].reads)
        return [path for name in read for path in self.measured(name, [run_of(wildcards)], wildcards.point)]

    def path(self, pattern: str, **wildcards: str) -> str:
        """A path of this study."""
        return pattern.format(study=self.name, **wildcards)

    def seed(self, *identity: str | int) -> int:
        """The seed of one thing, from the study's seed and what identifies the thing; adding others changes none."""
        words = np.frombuffer(hashlib.sha256(canonical_json(identity).encode()).digest(), dtype=np.uint32)
        sequence = np.random.SeedSequence([self.configuration.seed, *words.tolist()])
        # 63 bits: signed, and room to count on from it.
        return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))

    def seeds(self, name: str) -> tuple[int, ...]:
        """A seed for each replica of a thing."""
        return tuple(self.seed(name, replica) for replica in range(self.configuration.replicas))

    def job(self, stage: str, wildcards: Any) -> Job:  # noqa: ANN401, those of Snakemake
        """What a stage of an experiment is given.

        Args:
            stage: name of its rule.
            wildcards: of its paths.
        """
        planned = next(
            planned
            for planned in self.experiments
            if any(found.name == stage for found in planned.chosen.stages)
            and all(getattr(wildcards, key) == value for key, value in planned.wildcards.items())
        )
        found = self.stages[stage]
        if found.in_parts:
            part = {name: getattr(wildcards, name) for name in found.wildcards}
            return planned.chosen.part_job(stage, part, self)
        return self._jobs[planned.name][stage]

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of all figures, each of which has a table of its name."""
        return tuple(
            Path(stage.result.format(study=self.name, **planned.wildcards)).stem
            for planned in self.experiments
            for stage in planned.chosen.stages
            if issubclass(stage.outputs, Drawing)
        )

    def targets(self) -> list[str]:
        """Every table and figure of the study, and its summary."""
        shown = [
            self.path(pattern, **planned.wildcards)
            for planned in self.experiments
            for stage in planned.chosen.stages
            if not stage.in_parts
            for pattern in stage.results()
        ]
        claims = [self.path(pattern) for pattern in catalogue.stage("claims").results()]
        return [*shown, *claims, self.path(paths.SUMMARY)]

    def extras(self) -> list[str]:
        """What is made when it is asked for: a page to look around in, where there are solutions."""
        return [self.path(paths.EXPLORE)] if self.read_of_points else []

    @cached_property
    def read_of_points(self) -> frozenset[str]:
        """Every file of a run's point that some table reads."""
        given = [files for jobs in self._jobs.values() for job in jobs.values() for files in job.inputs.values()]
        listed = {path for files in given for path in ([files] if isinstance(files, str) else files)}
        return frozenset(path for path in listed if path.startswith(self.path(paths.RUNS)))

    def rule_files(self) -> list[Path]:
        """The rules of each configured experiment."""
        stages = {planned.folder: planned.chosen.stages[0] for planned in self.experiments}
        return [path_of(stage.module).with_name("rules.smk").resolve() for stage in stages.values()]

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

    @cached_property
    def _jobs(self) -> Mapping[str, Mapping[str, Job]]:
        """By experiment or entry, and stage."""
        return {planned.name: self._jobs_of(planned) for planned in self.experiments}

    def _jobs_of(self, planned: Planned) -> Mapping[str, Job]:
        """Raises ConfigurationError, with one line, where an experiment does not say what its stages are given."""
        try:
            jobs = planned.chosen.jobs(planned.name, self)
        except ERRORS as error:
            line = f"its jobs cannot be planned: {said(error)}"
            raise ConfigurationError(f"experiments.{planned.folder}: {line}") from None
        asked = [stage.name for stage in planned.chosen.stages if not stage.in_parts]
        if missing := [name for name in asked if name not in jobs]:
            raise ConfigurationError(f"experiments.{planned.folder}: its jobs lack {', '.join(missing)}")
        return jobs
