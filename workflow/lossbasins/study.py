"""The jobs that a configuration implies, and the seed of each."""

import hashlib
import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from lossbasins import paths
from lossbasins.accuracy_experiments import InitializationCase
from lossbasins.configuration import (
    ATTACK,
    TRAINED,
    Configuration,
    parse_attack,
    read_configuration,
)
from lossbasins.grids import NO_ATTACK, Grid
from lossbasins.provenance.fingerprint import canonical_json, code_of
from lossbasins.specs import (
    batch_size_figure,
    batch_size_table,
    evaluate,
    fetch,
    frobenius,
    initialization_figure,
    initialization_table,
    polish,
    polish_table,
    spectrum,
    spectrum_figure,
    spectrum_table,
    split,
    summary,
    train,
    volume_figure,
    volume_table,
)
from lossbasins.specs.base import Spec
from lossbasins.specs.batch_size_table import BatchSizeChoices
from lossbasins.specs.entries import SourceSpec
from lossbasins.specs.initialization_table import CaseChoices
from lossbasins.specs.polish import PolishChoices
from lossbasins.specs.runs import RunSpec
from lossbasins.specs.volume_table import VolumeChoices

NOTHING = "(?!)"
"""A pattern that matches nothing; Snakemake takes an empty one for no constraint."""


class RunWildcards(Protocol):
    """Snakemake's wildcards of a path."""

    dataset: str
    model: str
    init: str
    optimizer: str
    attack: str


class ComparisonWildcards(Protocol):
    """Snakemake's wildcard of the tables and figures of one landscape."""

    comparison: str


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
            experiment: `spectrum`, `polish`, `batch_size`, `initialization` or the name of one of `volumes`.
        """
        experiments = self.configuration.experiments
        chosen = (experiments.with_runs() | experiments.with_implied_runs()).get(experiment)
        grids = chosen.runs if chosen else ()
        return tuple(dict.fromkeys(run for grid in grids for run in _runs_of(grid)))

    def run_files(self, pattern: str, experiment: str, point: str = TRAINED) -> list[str]:
        """One path for each run of an experiment.

        Args:
            pattern: one of `lossbasins.paths`, with the wildcards of a point.
            experiment: whose runs.
            point: where on its way a solution is looked at.
        """
        return [pattern.format(study=self.name, point=point, **wildcards_of(run)) for run in self.runs(experiment)]

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

    def targets(self) -> list[str]:
        """Every table and figure of the study, and its summary."""
        compared = ("spectrum", *self.comparisons, *(("polish",) if self.runs("polish") else ()))
        tables = [paths.table(name, suffix) for name in compared for suffix in ("csv", "md", "tex")]
        figures = [
            paths.figure(name, suffix) for name in ("spectrum", *self.comparisons) for suffix in ("pdf", "svg", "png")
        ]
        for name in self.configuration.experiments.with_implied_runs():
            tables += [paths.table(name, suffix) for suffix in ("csv", "md", "tex")]
            figures += [paths.figure(name, suffix) for suffix in ("pdf", "svg", "png")]
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

    def job(self, stage: str) -> Callable[[RunWildcards], str]:
        """What a rule passes to its stage.

        Args:
            stage: name of the rule and of its stage.

        Returns:
            A function from Snakemake's wildcards to one JSON text: the spec, the digest of the code, and the versions
            of what that code imports. The job reruns exactly when this text changes.
        """
        return lambda wildcards: job_text(stage, self._specs[stage](wildcards))

    def seed(self, *identity: str | int) -> int:
        """The seed of one thing, from the study's seed and what identifies the thing; adding others changes none."""
        words = np.frombuffer(hashlib.sha256(canonical_json(identity).encode()).digest(), dtype=np.uint32)
        sequence = np.random.SeedSequence([self.configuration.seed, *words.tolist()])
        # 63 bits: signed, and room to count on from it.
        return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))

    @cached_property
    def _specs(self) -> Mapping[str, Callable[[Any], Spec]]:
        choices = self.configuration
        experiments = choices.experiments
        return {
            "fetch": lambda w: fetch.Spec(**_fields(choices.datasets[w.dataset], SourceSpec)),
            "split": lambda w: split.Spec(
                **_fields(choices.datasets[w.dataset], split.SplitChoices), seed=self.seed("split", w.dataset)
            ),
            "train": self._train,
            "evaluate": lambda w: evaluate.Spec(model=choices.models[w.model], attack=parse_attack(w.attack)),
            "polish": lambda w: polish.Spec(
                model=choices.models[w.model], **_fields(choices.polish[w.point], PolishChoices)
            ),
            "spectrum": lambda w: spectrum.Spec(
                model=choices.models[w.model], precision=choices.curvature.spectrum.precision
            ),
            "frobenius": lambda w: frobenius.Spec(
                model=choices.models[w.model],
                seed=self.seed("frobenius", *wildcards_of(run_of(w)).values()),
                **dict(choices.curvature.frobenius),
            ),
            "spectrum_table": lambda _: spectrum_table.Spec(runs=self.runs("spectrum"), top=experiments.spectrum.top),
            "volume_table": self._volume_table,
            "polish_table": lambda _: polish_table.Spec(
                runs=self.runs("polish"), target=choices.polish[self.compared_point].target
            ),
            "batch_size_table": self._batch_size_table,
            "batch_size_figure": lambda _: batch_size_figure.Spec(),
            "initialization_table": self._initialization_table,
            "initialization_figure": lambda _: initialization_figure.Spec(),
            "spectrum_figure": lambda _: spectrum_figure.Spec(top=experiments.spectrum.top),
            "volume_figure": lambda w: volume_figure.Spec(top=experiments.volumes[w.comparison].top),
            "summary": lambda _: summary.Spec(comparisons=self.comparisons),
        }

    def _train(self, wildcards: RunWildcards) -> train.Spec:
        choices = self.configuration
        identity = wildcards_of(run_of(wildcards)).values()
        return train.Spec(
            model=choices.models[wildcards.model],
            init=choices.inits[wildcards.init],
            optimizer=choices.optimizers[wildcards.optimizer],
            attack=parse_attack(wildcards.attack),
            seeds=tuple(self.seed("train", *identity, replica) for replica in range(choices.replicas)),
        )

    def _volume_table(self, wildcards: ComparisonWildcards) -> volume_table.Spec:
        volume = self.configuration.experiments.volumes[wildcards.comparison]
        return volume_table.Spec(
            runs=self.runs(wildcards.comparison),
            matched_loss=self.configuration.polish[volume.matched].target.loss if volume.matched else None,
            seed=self.seed("volume", wildcards.comparison),
            **_fields(volume, VolumeChoices),
        )

    def _batch_size_table(self, _: object) -> batch_size_table.Spec:
        experiment = self.configuration.experiments.batch_size
        assert experiment is not None, "a study without the experiment plans no such job"
        return batch_size_table.Spec(runs=self.runs("batch_size"), **_fields(experiment, BatchSizeChoices))

    def _initialization_table(self, _: object) -> initialization_table.Spec:
        experiment = self.configuration.experiments.initialization
        assert experiment is not None, "a study without the experiment plans no such job"
        return initialization_table.Spec(
            runs=self.runs("initialization"),
            cases=tuple(map(self._case, experiment.cases)),
            confidence=experiment.confidence,
        )

    def _case(self, case: InitializationCase) -> initialization_table.Case:
        # A job's JSON text sorts keys, so that what has an order must be a list.
        rows = [initialization_table.Row(init=init, **dict(printed)) for init, printed in case.inits.items()]
        return initialization_table.Case(
            **_fields(case, CaseChoices),
            rows=tuple(rows),
            training_images=self.configuration.datasets[case.dataset].train,
        )


def job_text(stage: str, spec: Spec) -> str:
    """The one JSON text that identifies a job: its spec, the digest of its code, and the versions of its imports."""
    code = code_of(stage, spec.modules())
    return canonical_json({"code": code.digest, "spec": spec.model_dump(mode="json"), "versions": dict(code.versions)})


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


def _fields(spec: Spec, base: type[Spec]) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in base.model_fields}


def _any_of(names: Iterable[str]) -> str:
    """A pattern that matches one of the names; without names, nothing."""
    return "|".join(map(re.escape, names)) or NOTHING
