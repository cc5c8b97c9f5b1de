"""The configuration of a study as typed models."""

import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from lossbasins.complaints import complaints
from lossbasins.specs.base import Spec
from lossbasins.specs.convex import ConvexChoices
from lossbasins.specs.curve_fitting import CurveFittingChoices
from lossbasins.specs.entries import AttackSpec, InitSpec, ModelSpec, OptimizerSpec, Precision, SourceSpec
from lossbasins.specs.modules import ARCHITECTURE, METHOD, SOURCE, choices
from lossbasins.specs.polish import PolishChoices
from lossbasins.specs.split import SplitChoices

NO_ATTACK = "none"
TRAINED = "trained"
"""The point that train writes."""
ATTACK = re.compile(r"w(\d+(?:\.\d+)?(?:e[+-]\d\d?)?)-n(\d{1,9})")

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$")]
"""A name that stands in paths."""


def _as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


Names = Annotated[Name | Annotated[tuple[Name, ...], Field(min_length=1)], AfterValidator(_as_tuple)]
"""One name or a list."""


class DatasetSpec(SourceSpec, SplitChoices):
    """Where images come from, and which serve for what."""


class Grid(Spec):
    """All combinations of the names given; each key takes one name or a list."""

    dataset: Names
    """Names of entries of `datasets`."""
    model: Names
    """Names of entries of `models`."""
    init: Names
    """Names of entries of `inits`."""
    optimizer: Names
    """Names of entries of `optimizers`."""
    attack: Names
    """`none`, or weight and size as in `w0.1-n400`: gamma = 0.1 and 400 wrongly labelled images."""


class SpectrumChoices(Spec):
    """How the eigenvalues of the Hessian are computed."""

    precision: Precision = "float64"
    """Arithmetic; in float32 small eigenvalues drown in rounding."""


class FrobeniusChoices(Spec):
    """How the Frobenius norm of the Hessian is estimated."""

    method: Literal["finite_difference", "hutchinson", "deflated", "hutch++"] = "deflated"
    """`finite_difference` is the paper's, `deflated` the most exact for its cost."""
    probes: int = Field(default=20, ge=6)
    """Hessian-vector products per solution."""
    precision: Precision = "float32"
    """Arithmetic; finite differences need float64."""

    @model_validator(mode="after")
    def _check_precision(self) -> Self:
        if self.method == "finite_difference" and self.precision != "float64":
            raise PydanticCustomError("imprecise", "method finite_difference needs precision: float64")
        return self


class CurvatureChoices(Spec):
    """How curvature is measured."""

    spectrum: SpectrumChoices = SpectrumChoices()
    """The eigenvalues."""
    frobenius: FrobeniusChoices = FrobeniusChoices()
    """The estimator."""


class ConvexExperiment(ConvexChoices):
    """E7, the paper's Appendix B."""

    dataset: Name
    """Name of an entry of `datasets`."""


class SpectrumExperiment(Spec):
    """E5, the paper's Fig. 2."""

    runs: Annotated[tuple[Grid, ...], Field(min_length=1)]
    """The solutions to choose from."""
    top: PositiveInt = 50
    """How many of the largest eigenvalues are compared."""


class VolumeExperiment(Spec):
    """E6, the paper's Fig. 3."""

    runs: Annotated[tuple[Grid, ...], Field(min_length=1)]
    """The solutions to compare."""
    top: PositiveInt = 50
    """The k of the log inverse volume."""
    resamples: PositiveInt = 2000
    """Bootstrap samples behind each interval."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""
    smallest_group: int = Field(default=5, ge=3)
    """Fewer solutions than this get no correlation."""


class PolishExperiment(Spec):
    """What descending L_S alone does to solutions, above all to their test accuracy."""

    runs: Annotated[tuple[Grid, ...], Field(min_length=1)]
    """The solutions to compare before and after."""
    point: Name
    """Name of an entry of `polish`."""


class Experiments(Spec):
    """What the study measures; runs that several experiments name are shared."""

    curve_fitting: CurveFittingChoices | None = None
    """E1, the paper's Fig. 1."""
    spectrum: SpectrumExperiment
    volume: VolumeExperiment
    convex: ConvexExperiment | None = None
    polish: PolishExperiment | None = None


class Configuration(Spec):
    """A whole study."""

    study: Name
    """Name of the study; its results lie in `results/<study>`."""
    seed: NonNegativeInt
    """All random numbers of the study derive from it."""
    replicas: PositiveInt
    """Solutions per run, which differ in their seeds alone."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto` takes a GPU where there is one."""
    data_dir: str = "data"
    """Folder of the downloads."""
    save_every: PositiveFloat = 30.0
    """Seconds between two saved states of a long job, from which it goes on if it is killed."""
    datasets: dict[Name, DatasetSpec]
    """Images, and which of them train, attack and test."""
    models: dict[Name, ModelSpec]
    """Networks."""
    inits: dict[Name, InitSpec]
    """Initialisations."""
    optimizers: dict[Name, OptimizerSpec]
    """Methods with their learning rate, batch, schedule and stop."""
    polish: dict[Name, PolishChoices] = Field({})
    """Points that solutions are brought to after training, by descending L_S alone."""
    curvature: CurvatureChoices = CurvatureChoices()
    """Of the Hessian."""
    experiments: Experiments
    """What is measured."""


class ConfigurationError(ValueError):
    """A configuration is wrong; the message has one line for each thing to mend."""


def read_configuration(mapping: Mapping[str, Any]) -> Configuration:
    """Checks a configuration.

    Args:
        mapping: as read from YAML.

    Raises:
        ConfigurationError: one line for each wrong key: its full path, what was given and what is allowed.
    """
    try:
        configuration = Configuration.model_validate_json(json.dumps(mapping, default=str), strict=True)
    except ValidationError as error:
        raise ConfigurationError("\n".join(complaints(error.errors(), mapping, Configuration))) from None
    if problems := [*_points(configuration), *_unknown_names(configuration)] or [
        *_attacks_too_large(configuration),
        *_several_landscapes(configuration),
        *_convex(configuration),
    ]:
        raise ConfigurationError("\n".join(problems))
    return configuration


def json_schema() -> dict[str, Any]:
    """The JSON schema of a configuration, for editors; overlays need only name what differs."""
    schema = Configuration.model_json_schema()
    for kind, entry, key in ((ARCHITECTURE, "ModelSpec", "architecture"), (METHOD, "OptimizerSpec", "method")):
        schema["$defs"][entry]["properties"][key]["enum"] = list(choices(kind))
    schema["$defs"]["DatasetSpec"]["properties"]["source"]["enum"] = list(choices(SOURCE))
    return schema


def parse_attack(name: str) -> AttackSpec | None:
    """The attack of that name in paths and configurations, such as `w0.1-n400`; None for `none`.

    Raises:
        ValueError: no attack has that name.
    """
    if name == NO_ATTACK:
        return None
    match = ATTACK.fullmatch(name)
    if match is None or float(match[1]) == 0 or int(match[2]) == 0:
        raise ValueError(f"given {name!r}; allowed: {NO_ATTACK}, or a weight and a size above zero as in w0.1-n400")
    return AttackSpec(weight=float(match[1]), size=int(match[2]))


def _experiments(configuration: Configuration) -> Iterable[tuple[str, tuple[Grid, ...]]]:
    for name, experiment in configuration.experiments:
        yield name, getattr(experiment, "runs", ())  # some have none, or are not configured


def _grids(configuration: Configuration) -> Iterable[tuple[str, Grid]]:
    for name, grids in _experiments(configuration):
        for number, grid in enumerate(grids):
            yield f"experiments.{name}.runs.{number}", grid


def _points(configuration: Configuration) -> Iterable[str]:
    if TRAINED in configuration.polish:
        yield f"polish.{TRAINED}: given {TRAINED!r}; allowed: any other name, since this one is what training ends at"
    experiment = configuration.experiments.polish
    if experiment is not None and experiment.point not in configuration.polish:
        allowed = ", ".join(configuration.polish) or "none, since the configuration has no polish"
        yield f"experiments.polish.point: given {experiment.point!r}; allowed: {allowed}"


def _unknown_names(configuration: Configuration) -> Iterable[str]:
    known: dict[str, Sequence[str]] = {
        "dataset": tuple(configuration.datasets),
        "model": tuple(configuration.models),
        "init": tuple(configuration.inits),
        "optimizer": tuple(configuration.optimizers),
    }
    for path, grid in _grids(configuration):
        for key, names in known.items():
            for name in getattr(grid, key):
                if name not in names:
                    yield f"{path}.{key}: given {name!r}; allowed: {', '.join(names)}"
        for name in grid.attack:
            try:
                parse_attack(name)
            except ValueError as error:
                yield f"{path}.attack: {error}"


def _attacks_too_large(configuration: Configuration) -> Iterable[str]:
    for path, grid in _grids(configuration):
        for dataset, name in itertools.product(grid.dataset, grid.attack):
            attack, left = parse_attack(name), configuration.datasets[dataset].attack
            if attack and attack.size > left:
                yield f"{path}.attack: given {name!r}; allowed: at most the {left} images of datasets.{dataset}.attack"


def _several_landscapes(configuration: Configuration) -> Iterable[str]:
    for name, grids in _experiments(configuration):
        landscapes = {f"{dataset}/{model}" for grid in grids for dataset in grid.dataset for model in grid.model}
        if len(landscapes) > 1:
            yield (
                f"experiments.{name}.runs: given {', '.join(sorted(landscapes))}; allowed: one dataset and one model, "
                "since volumes compare only within one landscape"
            )


def _convex(configuration: Configuration) -> Iterable[str]:
    experiment, path = configuration.experiments.convex, "experiments.convex"
    if experiment is None:
        return
    if experiment.dataset not in configuration.datasets:
        yield f"{path}.dataset: given {experiment.dataset!r}; allowed: {', '.join(configuration.datasets)}"
        return
    for key in ("train", "attack"):
        given, left = getattr(experiment, key), getattr(configuration.datasets[experiment.dataset], key)
        if given > left:
            images = f"datasets.{experiment.dataset}.{key}"
            yield f"{path}.{key}: given {given}; allowed: at most the {left} images of {images}"
