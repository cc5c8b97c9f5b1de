"""The jobs that a configuration implies, and the seed of each."""

import hashlib
import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np

from lossbasins import paths
from lossbasins.accuracy_experiments import InitializationCase
from lossbasins.configuration import (
    ATTACK,
    TRAINED,
    BasinRatioExperiment,
    Configuration,
    parse_attack,
    read_configuration,
)
from lossbasins.grids import NO_ATTACK, Grid
from lossbasins.provenance.fingerprint import canonical_json, code_of
from lossbasins.specs import (
    basin_ratio_figure,
    basin_ratio_table,
    batch_size_figure,
    batch_size_table,
    claims,
    convex,
    convex_figure,
    curve_fitting,
    curve_fitting_figure,
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
    starts_table,
    summary,
    train,
    two_layer,
    two_layer_figure,
    volume_figure,
    volume_table,
)
from lossbasins.specs.base import Spec
from lossbasins.specs.basin_ratio_table import BasinRatioChoices
from lossbasins.specs.batch_size_table import BatchSizeChoices
from lossbasins.specs.claims import ClaimsChoices
from lossbasins.specs.convex import ConvexChoices
from lossbasins.specs.curve_fitting import CurveFittingChoices
from lossbasins.specs.entries import SourceSpec
from lossbasins.specs.initialization_table import CaseChoices
from lossbasins.specs.polish import PolishChoices
from lossbasins.specs.runs import RunSpec
from lossbasins.specs.starts_table import StartsChoices
from lossbasins.specs.two_layer import TwoLayerChoices
from lossbasins.specs.volume_table import VolumeChoices

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

    def job(self, stage: str) -> Callable[[RunWildcards], str]:
        """What a rule passes to its stage.

        Args:
            stage: name of the rule and of its stage.

        Returns:
            A function from Snakemake's wildcards to one JSON text: the spec, the digest of the code, and the versions
            of what that code imports. The job reruns exactly when this text changes.
        """
        return lambda wildcards: job_text(stage, self.spec(stage, wildcards))

    def spec(self, stage: str, wildcards: RunWildcards) -> Spec:
        """What a stage is given for a path."""
        return self._specs[stage](wildcards)

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
            "curve_fitting": self._curve_fitting,
            "convex": self._convex,
            "spectrum_table": lambda _: spectrum_table.Spec(runs=self.runs("spectrum"), top=experiments.spectrum.top),
            "volume_table": self._volume_table,
            "polish_table": lambda _: polish_table.Spec(
                runs=self.runs("polish"), target=choices.polish[self.compared_point].target
            ),
            "curve_fitting_figure": lambda _: curve_fitting_figure.Spec(),
            "convex_figure": lambda _: convex_figure.Spec(),
            "batch_size_table": self._batch_size_table,
            "batch_size_figure": lambda _: batch_size_figure.Spec(),
            "initialization_table": self._initialization_table,
            "initialization_figure": lambda _: initialization_figure.Spec(),
            "spectrum_figure": lambda _: spectrum_figure.Spec(top=experiments.spectrum.top),
            "volume_figure": lambda w: volume_figure.Spec(top=experiments.volumes[w.comparison].top),
            "basin_ratio_table": self._basin_ratio_table,
            "starts_table": self._starts_table,
            "basin_ratio_figure": lambda _: basin_ratio_figure.Spec(),
            "two_layer": self._two_layer,
            "two_layer_figure": lambda _: two_layer_figure.Spec(),
            "claims": lambda _: claims.Spec(comparisons=self.comparisons, **_fields(choices.claims, ClaimsChoices)),
            "summary": lambda _: summary.Spec(comparisons=self.comparisons),
        }

    def _files(self, pattern: str, runs: Iterable[RunSpec], point: str) -> list[str]:
        return [pattern.format(study=self.name, point=point, **wildcards_of(run)) for run in runs]

    def _two_layer(self, _: object) -> two_layer.Spec:
        experiment = self.configuration.experiments.two_layer
        assert experiment is not None, "a study without the experiment plans no such job"
        return two_layer.Spec(
            **_fields(experiment, TwoLayerChoices),
            attacks=tuple(map(parse_attack, experiment.attack)),
            seeds=tuple(self.seed("two_layer", replica) for replica in range(self.configuration.replicas)),
        )

    def _curve_fitting(self, _: object) -> curve_fitting.Spec:
        experiment = self.configuration.experiments.curve_fitting
        assert experiment is not None, "a study without the experiment plans no such job"
        return curve_fitting.Spec(
            **_fields(experiment, CurveFittingChoices),
            seeds=tuple(self.seed("curve_fitting", replica) for replica in range(self.configuration.replicas)),
        )

    def _convex(self, _: object) -> convex.Spec:
        experiment = self.configuration.experiments.convex
        assert experiment is not None, "a study without the experiment plans no such job"
        return convex.Spec(**_fields(experiment, ConvexChoices), seed=self.seed("convex"))

    def _train(self, wildcards: RunWildcards) -> train.Spec:
        choices = self.configuration
        run = run_of(wildcards)
        identity = wildcards_of(run).values()
        return train.Spec(
            model=choices.models[wildcards.model],
            init=choices.inits[wildcards.init],
            optimizer=choices.optimizers[wildcards.optimizer],
            attack=parse_attack(wildcards.attack),
            seeds=tuple(self.seed("train", *identity, replica) for replica in range(self._replicas(run))),
        )

    def _replicas(self, run: RunSpec) -> int:
        experiment = self.configuration.experiments.basin_ratio
        more = experiment.starts.replicas if experiment and experiment.starts and run in self.runs("starts") else 0
        return max(self.configuration.replicas, more)

    @property
    def _basin_ratio(self) -> BasinRatioExperiment:
        experiment = self.configuration.experiments.basin_ratio
        assert experiment is not None, "a study without the experiment plans no such job"
        return experiment

    def _basin_ratio_table(self, _: object) -> basin_ratio_table.Spec:
        experiment = self._basin_ratio
        return basin_ratio_table.Spec(runs=self.runs(experiment.volumes), **_fields(experiment, BasinRatioChoices))

    def _starts_table(self, _: object) -> starts_table.Spec:
        return starts_table.Spec(runs=self.random_starts(), **_fields(self._basin_ratio, StartsChoices))

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
