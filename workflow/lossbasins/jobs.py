"""The jobs of a study: what each stage is given, and the seed of each."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np

from lossbasins.configuration.experiments import InitializationCase
from lossbasins.configuration.grids import parse_attack
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
from lossbasins.study import RunWildcards, Study, run_of, wildcards_of

Experiment = TypeVar("Experiment")


class ComparisonWildcards(Protocol):
    """Snakemake's wildcard of the tables and figures of one landscape."""

    comparison: str


@dataclass(frozen=True)
class Jobs:
    """The jobs of one study."""

    study: Study

    def of(self, stage: str) -> Callable[[RunWildcards], str]:
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
        sequence = np.random.SeedSequence([self.study.configuration.seed, *words.tolist()])
        # 63 bits: signed, and room to count on from it.
        return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))

    @cached_property
    def _specs(self) -> Mapping[str, Callable[[Any], Spec]]:
        choices = self.study.configuration
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
            "spectrum_table": lambda _: spectrum_table.Spec(
                runs=self.study.runs("spectrum"), top=experiments.spectrum.top
            ),
            "volume_table": self._volume_table,
            "polish_table": lambda _: polish_table.Spec(
                runs=self.study.runs("polish"), target=choices.polish[self.study.compared_point].target
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
            "claims": lambda _: claims.Spec(
                comparisons=self.study.comparisons, **_fields(choices.claims, ClaimsChoices)
            ),
            "summary": lambda _: summary.Spec(comparisons=self.study.comparisons),
        }

    def _two_layer(self, _: object) -> two_layer.Spec:
        experiment = _planned(self.study.configuration.experiments.two_layer)
        return two_layer.Spec(
            **_fields(experiment, TwoLayerChoices),
            attacks=tuple(map(parse_attack, experiment.attack)),
            seeds=tuple(self.seed("two_layer", replica) for replica in range(self.study.configuration.replicas)),
        )

    def _curve_fitting(self, _: object) -> curve_fitting.Spec:
        experiment = _planned(self.study.configuration.experiments.curve_fitting)
        return curve_fitting.Spec(
            **_fields(experiment, CurveFittingChoices),
            seeds=tuple(self.seed("curve_fitting", replica) for replica in range(self.study.configuration.replicas)),
        )

    def _convex(self, _: object) -> convex.Spec:
        experiment = _planned(self.study.configuration.experiments.convex)
        return convex.Spec(**_fields(experiment, ConvexChoices), seed=self.seed("convex"))

    def _train(self, wildcards: RunWildcards) -> train.Spec:
        choices = self.study.configuration
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
        experiment = self.study.configuration.experiments.basin_ratio
        more = (
            experiment.starts.replicas if experiment and experiment.starts and run in self.study.runs("starts") else 0
        )
        return max(self.study.configuration.replicas, more)

    def _basin_ratio_table(self, _: object) -> basin_ratio_table.Spec:
        experiment = _planned(self.study.configuration.experiments.basin_ratio)
        return basin_ratio_table.Spec(
            runs=self.study.runs(experiment.volumes), **_fields(experiment, BasinRatioChoices)
        )

    def _starts_table(self, _: object) -> starts_table.Spec:
        experiment = _planned(self.study.configuration.experiments.basin_ratio)
        return starts_table.Spec(runs=self.study.random_starts(), **_fields(experiment, StartsChoices))

    def _volume_table(self, wildcards: ComparisonWildcards) -> volume_table.Spec:
        volume = self.study.configuration.experiments.volumes[wildcards.comparison]
        return volume_table.Spec(
            runs=self.study.runs(wildcards.comparison),
            matched_loss=self.study.configuration.polish[volume.matched].target.loss if volume.matched else None,
            seed=self.seed("volume", wildcards.comparison),
            **_fields(volume, VolumeChoices),
        )

    def _batch_size_table(self, _: object) -> batch_size_table.Spec:
        experiment = _planned(self.study.configuration.experiments.batch_size)
        return batch_size_table.Spec(runs=self.study.runs("batch_size"), **_fields(experiment, BatchSizeChoices))

    def _initialization_table(self, _: object) -> initialization_table.Spec:
        experiment = _planned(self.study.configuration.experiments.initialization)
        return initialization_table.Spec(
            runs=self.study.runs("initialization"),
            cases=tuple(map(self._case, experiment.cases)),
            confidence=experiment.confidence,
        )

    def _case(self, case: InitializationCase) -> initialization_table.Case:
        # A job's JSON text sorts keys, so that what has an order must be a list.
        rows = [initialization_table.Row(init=init, **dict(printed)) for init, printed in case.inits.items()]
        return initialization_table.Case(
            **_fields(case, CaseChoices),
            rows=tuple(rows),
            training_images=self.study.configuration.datasets[case.dataset].train,
        )


def job_text(stage: str, spec: Spec) -> str:
    """The one JSON text that identifies a job: its spec, the digest of its code, and the versions of its imports."""
    code = code_of(stage, spec.modules())
    return canonical_json({"code": code.digest, "spec": spec.model_dump(mode="json"), "versions": dict(code.versions)})


def _planned(experiment: Experiment | None) -> Experiment:
    """The experiment of a planned job."""
    assert experiment is not None, "a study without the experiment plans no such job"
    return experiment


def _fields(spec: Spec, base: type[Spec]) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in base.model_fields}
