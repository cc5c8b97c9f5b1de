"""The jobs of a study: what each stage is given."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lossbasins import catalogue, paths
from lossbasins.experiments.experiment import Experiment
from lossbasins.experiments.named import TRAINED, parse_attack
from lossbasins.provenance.fingerprint import canonical_json, code_of
from lossbasins.specs import check, claims, evaluate, explore, fetch, measure, memorise, polish, split, summary, train
from lossbasins.specs.base import Spec
from lossbasins.specs.entries import AttackSpec, SourceSpec
from lossbasins.specs.polish import PolishChoices
from lossbasins.specs.protocols import ProtocolChoices
from lossbasins.specs.random_labels import RandomLabelsSpec
from lossbasins.specs.runs import RunSpec
from lossbasins.specs.stage import Stage
from lossbasins.study import Study
from lossbasins.wildcards import RunWildcards, run_of, wildcards_of


class _Explored(NamedTuple):
    told: explore.Point
    evaluation: str
    values: list[str]
    spectra: list[str]


@dataclass(frozen=True)
class Jobs:
    """The jobs of one study."""

    study: Study

    def stage(self, manifest: str) -> Stage:
        """The stage of a job, which the file name of its manifest begins with."""
        return self.study.stage(Path(manifest).name.partition(".")[0])

    def text(self, stage: Stage, wildcards: Any) -> str:  # noqa: ANN401, those of Snakemake
        """What a rule passes to its stage.

        Returns:
            One JSON text: the spec, the digest of the code, and the versions of what that code imports. The job reruns
            exactly when this text changes.
        """
        return job_text(stage, self.spec(stage.name, wildcards))

    def spec(self, stage: str, wildcards: Any) -> Spec:  # noqa: ANN401, those of Snakemake
        """What a stage is given for a path."""
        if stage in self.study.stages:
            return self.study.job(stage, wildcards).spec
        if stage in self.study.measures:
            return self._measure((stage,), wildcards)
        return self._specs[stage](wildcards)

    @cached_property
    def _specs(self) -> Mapping[str, Callable[[Any], Spec]]:
        choices = self.study.configuration
        return {
            "fetch": lambda w: fetch.Spec(**_fields(choices.datasets[w.dataset], SourceSpec)),
            "split": lambda w: split.Spec(
                **_fields(choices.datasets[w.dataset], split.SplitChoices), seed=self.study.seed("split", w.dataset)
            ),
            "check": lambda w: check.Spec(model=choices.models[w.model]),
            "train": self._train,
            "memorise": self._memorise,
            "evaluate": self._evaluate,
            "polish": lambda w: polish.Spec(
                model=choices.models[w.model], **_fields(choices.polish[w.point], PolishChoices)
            ),
            catalogue.CHEAP: lambda w: self._measure(self.study.cheap_measures, w),
            "claims": lambda _: claims.Spec(
                judged=tuple(judged for judged, _ in self._judged()), confidence=choices.claims.confidence
            ),
            "explore": lambda _: self._explore(),
            "summary": lambda _: summary.Spec(told=tuple(told for told, _ in self._told())),
        }

    def claim_tables(self) -> list[str]:
        """The table of each claim that is judged."""
        return [table for _, table in self._judged()]

    def told_tables(self) -> list[str]:
        """The tables that the summary tells of."""
        return [table for _, tables in self._told() for table in tables]

    def explored_files(self) -> dict[str, list[str]]:
        """What is known of the solutions of all runs at all points that some table reads."""
        points = [self._explored(run, point) for run, point in self._points()]
        return {
            "evaluation": [found.evaluation for found in points],
            "values": [path for found in points for path in found.values],
            "spectrum": [path for found in points for path in found.spectra],
        }

    def _explore(self) -> explore.Spec:
        study = self.study
        chosen: list[object] = [planned.chosen for planned in study.experiments]
        protocols = next((one for one in chosen if isinstance(one, ProtocolChoices)), ProtocolChoices())
        return explore.Spec(
            study=study.name,
            points=tuple(self._explored(run, point).told for run, point in self._points()),
            protocols=ProtocolChoices(**_fields(protocols, ProtocolChoices)),
            top=next((landscape.top for landscape in study.landscapes.values()), None),
        )

    def _points(self) -> list[tuple[RunSpec, str]]:
        study = self.study
        return [
            (run, point)
            for point in (TRAINED, *study.configuration.polish)
            for run in study.all_runs()
            if study.files(paths.EVALUATION, [run], point)[0] in study.read_of_points
        ]

    def _explored(self, run: RunSpec, point: str) -> "_Explored":
        study = self.study
        (evaluation,) = study.files(paths.EVALUATION, [run], point)
        folder = evaluation.rpartition("/")[0]
        beside = sorted(path for path in study.read_of_points if path.rpartition("/")[0] == folder)
        stems = {path: Path(path).stem for path in beside}
        numbers = {catalogue.CHEAP, *(name for name, found in study.measures.items() if not found.arrays)}
        values = [path for path in beside if stems[path] in numbers]
        spectra = [
            path
            for path in beside
            if path == study.path(paths.ARRAYS, point=point, measure="spectrum", **wildcards_of(run))
        ]
        target = study.configuration.polish[point].target if point != TRAINED else None
        told = explore.Point(
            run=run,
            point=point,
            polished=target is not None,
            loss=target.loss if target else None,
            values=len(values),
            spectrum=bool(spectra),
        )
        return _Explored(told, evaluation, values, spectra)

    def _evaluate(self, wildcards: RunWildcards) -> evaluate.Spec:
        choices, attack = self.study.configuration, parse_attack(wildcards.attack)
        return evaluate.Spec(
            model=choices.models[wildcards.model],
            attack=attack if isinstance(attack, AttackSpec) else None,
            **dict(choices.evaluation),
        )

    def _train(self, wildcards: RunWildcards) -> train.Spec:
        choices = self.study.configuration
        return train.Spec(
            model=choices.models[wildcards.model],
            init=choices.inits[wildcards.init],
            optimizer=choices.optimizers[wildcards.optimizer],
            attack=parse_attack(wildcards.attack),
            seeds=self._seeds(wildcards),
        )

    def _memorise(self, wildcards: RunWildcards) -> memorise.Spec:
        choices = self.study.configuration
        run = run_of(wildcards)
        assert isinstance(run.attack, RandomLabelsSpec), "the rule asks for no others"
        return memorise.Spec(
            model=choices.models[wildcards.model],
            init=choices.inits[wildcards.init],
            optimizer=choices.optimizers[wildcards.optimizer],
            random_labels=run.attack,
            label_seed=self.study.seed("random labels", *wildcards_of(run).values()),
            seeds=self._seeds(wildcards),
        )

    def _seeds(self, wildcards: RunWildcards) -> tuple[int, ...]:
        """Of the training of each replica of a run."""
        run = run_of(wildcards)
        identity = wildcards_of(run).values()
        return tuple(self.study.seed("train", *identity, replica) for replica in range(self.study.replicas(run)))

    def _measure(self, names: Sequence[str], wildcards: RunWildcards) -> measure.Spec:
        choices = self.study.configuration
        identity = wildcards_of(run_of(wildcards)).values()
        chosen = (
            measure.SeededMeasure(**dict(choices.measure(name)), seed=self.study.seed(name, *identity))
            for name in names
        )
        initial = any(self.study.measures[name].initial for name in names)
        return measure.Spec(
            model=choices.models[wildcards.model],
            measures=tuple(chosen),
            init=choices.inits[wildcards.init] if initial else None,
            seeds=self._seeds(wildcards) if initial else (),
        )

    def _judged(self) -> Iterator[tuple[claims.Judged, str]]:
        """Each claim that there is a rule for, with its table, in each entry of its experiment."""
        rules = self.study.configuration.claims.rules
        for planned in self.study.experiments:
            for claim in planned.chosen.claims:
                if claim.name in rules:
                    judged = claims.Judged(
                        experiment=planned.chosen.number,
                        name=claim.name,
                        statement=claim.statement,
                        measured=claim.measured,
                        rule=rules[claim.name],
                        module=_beside(planned.chosen, "evidence"),
                        entry=planned.name if planned.wildcards else "",
                        figure=claim.figure.format(**planned.wildcards),
                    )
                    yield judged, self.study.path(paths.table(claim.table, "csv"), **planned.wildcards)

    def _told(self) -> Iterator[tuple[summary.Told, list[str]]]:
        for planned in self.study.experiments:
            if about := planned.chosen.sentences:
                module = _beside(planned.chosen, "sentences")
                told = summary.Told(name=planned.name, module=module, tables=len(about))
                yield told, [self.study.path(paths.table(name, "csv"), **planned.wildcards) for name in about]


def job_text(stage: Stage, spec: Spec) -> str:
    """The one JSON text that identifies a job: its spec, the digest of its code, and the versions of its imports."""
    code = code_of(stage.module, spec.modules())
    return recorded_text(code.digest, spec.model_dump(mode="json"), code.versions)


def recorded_text(code: str, spec: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """The same of what a manifest records."""
    return canonical_json({"code": code, "spec": spec, "versions": dict(versions)})


def _beside(experiment: Experiment, module: str) -> str:
    """A module of the folder that an experiment is defined in."""
    return f"{type(experiment).__module__.rpartition('.')[0]}.{module}"


def _fields(spec: Spec, base: type[Spec]) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in base.model_fields}
