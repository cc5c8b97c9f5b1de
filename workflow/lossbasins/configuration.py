"""The configuration of a study as typed models."""

import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from lossbasins.accuracy_experiments import BatchSizeExperiment, InitializationExperiment
from lossbasins.complaints import complaints
from lossbasins.grids import NO_ATTACK, Grid, Name, Names
from lossbasins.specs.base import Spec
from lossbasins.specs.basin_ratio_table import BasinRatioChoices
from lossbasins.specs.claims import ClaimsChoices
from lossbasins.specs.convex import ConvexChoices
from lossbasins.specs.curve_fitting import CurveFittingChoices
from lossbasins.specs.entries import AttackSpec, InitSpec, ModelSpec, OptimizerSpec, Precision, SourceSpec
from lossbasins.specs.modules import ARCHITECTURE, METHOD, SOURCE, choices
from lossbasins.specs.polish import PolishChoices
from lossbasins.specs.split import SplitChoices
from lossbasins.specs.starts_table import StartsChoices
from lossbasins.specs.two_layer import TwoLayerChoices
from lossbasins.specs.volume_table import VolumeChoices

TRAINED = "trained"
"""The point that train writes."""
ATTACK = re.compile(r"w(\d+(?:\.\d+)?(?:e[+-]\d\d?)?)-n(\d{1,9})")

VolumeName = Annotated[str, StringConstraints(pattern=r"^volume(-[A-Za-z0-9]+)*$")]
"""A name that tables and figures of one landscape have."""


class DatasetSpec(SourceSpec, SplitChoices):
    """Where images come from, and which serve for what."""


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
    claims: ClaimsChoices
    """How the paper's claims are judged by it."""


class ConfigurationError(ValueError):
    """A configuration is wrong; the message has one line for each thing to mend."""


def read_configuration(mapping: Mapping[str, Any]) -> Configuration:
    """Checks a configuration.

    Args:
        mapping: as read from YAML.

    Raises:
        ConfigurationError: one line for each wrong key: its full path, what was given and what is allowed.
    """
    mapping = _without_null_volumes(mapping)
    try:
        configuration = Configuration.model_validate_json(json.dumps(mapping, default=str), strict=True)
    except ValidationError as error:
        raise ConfigurationError("\n".join(complaints(error.errors(), mapping, Configuration))) from None
    if problems := [
        *_points(configuration),
        *_unknown_names(configuration),
        *_basin_ratio(configuration),
        *_two_layer(configuration),
    ] or [
        *_attacks_too_large(configuration),
        *_batch_size(configuration),
        *_several_landscapes(configuration),
        *_other_landscape(configuration),
        *_convex(configuration),
    ]:
        raise ConfigurationError("\n".join(problems))
    return configuration


def _without_null_volumes(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """Overlays are merged over the default study, so that they need a way to do without its comparisons."""
    experiments = mapping.get("experiments")
    if not isinstance(experiments, Mapping) or not isinstance(experiments.get("volumes"), Mapping):
        return mapping
    volumes = {name: volume for name, volume in experiments["volumes"].items() if volume is not None}
    return {**mapping, "experiments": {**experiments, "volumes": volumes}}


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
    places = {name: f"volumes.{name}" for name in configuration.experiments.volumes} | {"starts": "basin_ratio.starts"}
    for name, experiment in configuration.experiments.with_runs().items():
        yield f"experiments.{places.get(name, name)}", experiment.runs


def _grids(configuration: Configuration) -> Iterable[tuple[str, Grid]]:
    for path, grids in _experiments(configuration):
        for number, grid in enumerate(grids):
            yield f"{path}.runs.{number}", grid


def _points(configuration: Configuration) -> Iterable[str]:
    if TRAINED in configuration.polish:
        yield f"polish.{TRAINED}: given {TRAINED!r}; allowed: any other name, since this one is what training ends at"
    allowed = ", ".join(configuration.polish) or "none, since the configuration has no polish"
    experiments = configuration.experiments
    named = {f"volumes.{name}.matched": volume.matched for name, volume in experiments.volumes.items()}
    if experiments.polish is not None:
        named["polish.point"] = experiments.polish.point
    for path, point in named.items():
        if point is not None and point not in configuration.polish:
            yield f"experiments.{path}: given {point!r}; allowed: {allowed}"
    for name, volume in experiments.volumes.items():
        matched = configuration.polish.get(volume.matched or "")
        if matched is not None and matched.target.loss is None:
            yield f"experiments.volumes.{name}.matched: given {volume.matched!r}; allowed: a point with a target loss"


def _unknown_names(configuration: Configuration) -> Iterable[str]:
    known: dict[str, Sequence[str]] = {
        "dataset": tuple(configuration.datasets),
        "model": tuple(configuration.models),
        "init": tuple(configuration.inits),
        "optimizer": tuple(configuration.optimizers),
    }
    for path, key, names in _named(configuration):
        for name in names:
            if key == "attack":
                try:
                    parse_attack(name)
                except ValueError as error:
                    yield f"{path}: {error}"
            elif name not in known[key]:
                yield f"{path}: given {name!r}; allowed: {', '.join(known[key])}"


def _named(configuration: Configuration) -> Iterable[tuple[str, str, Iterable[str]]]:
    """Paths that name entries, each with what key of a run it stands for and the names."""
    for path, grid in _grids(configuration):
        for key, names in grid:
            yield f"{path}.{key}", key, names
    for experiment, implied in configuration.experiments.with_implied_runs().items():
        for place, (key, names) in implied.named().items():
            yield f"experiments.{experiment}.{place}", key, names


def _batch_size(configuration: Configuration) -> Iterable[str]:
    experiment, path = configuration.experiments.batch_size, "experiments.batch_size"
    if experiment is None:
        return
    if configuration.optimizers[experiment.full].batch != "full":
        yield f"{path}.full: given {experiment.full!r}; allowed: an optimizer with batch: full"
    if configuration.optimizers[experiment.mini].batch == "full":
        yield f"{path}.mini: given {experiment.mini!r}; allowed: an optimizer whose batch is not full"
    attack, left = parse_attack(experiment.attack), configuration.datasets[experiment.dataset].attack
    if attack is None:
        yield f"{path}.attack: given {experiment.attack!r}; allowed: weight and size, as in w0.1-n400"
    elif attack.size > left:
        images = f"the {left} images of datasets.{experiment.dataset}.attack"
        yield f"{path}.attack: given {experiment.attack!r}; allowed: at most {images}"


def _two_layer(configuration: Configuration) -> Iterable[str]:
    experiment, path = configuration.experiments.two_layer, "experiments.two_layer"
    if experiment is None:
        return
    if experiment.dataset not in configuration.datasets:
        yield f"{path}.dataset: given {experiment.dataset!r}; allowed: {', '.join(configuration.datasets)}"
        return
    dataset = configuration.datasets[experiment.dataset]
    if dataset.image_size is not None and experiment.pixels > dataset.image_size:
        most = f"datasets.{experiment.dataset}.image_size, {dataset.image_size}"
        yield f"{path}.pixels: given {experiment.pixels}; allowed: at most {most}"
    for name in experiment.attack:
        try:
            attack = parse_attack(name)
        except ValueError as error:
            yield f"{path}.attack: {error}"
        else:
            if attack and attack.size > dataset.attack:
                yield f"{path}.attack: given {name!r}; {_at_most(dataset.attack, experiment.dataset)}"


def _attacks_too_large(configuration: Configuration) -> Iterable[str]:
    for path, grid in _grids(configuration):
        for dataset, name in itertools.product(grid.dataset, grid.attack):
            attack, left = parse_attack(name), configuration.datasets[dataset].attack
            if attack and attack.size > left:
                yield f"{path}.attack: given {name!r}; {_at_most(left, dataset)}"


def _at_most(left: int, dataset: str) -> str:
    return f"allowed: at most the {left} images of datasets.{dataset}.attack"


def _several_landscapes(configuration: Configuration) -> Iterable[str]:
    for path, grids in _experiments(configuration):
        landscapes = _landscapes(grids)
        if len(landscapes) > 1:
            yield (
                f"{path}.runs: given {', '.join(sorted(landscapes))}; allowed: one dataset and one model, "
                "since volumes compare only within one landscape"
            )


def _basin_ratio(configuration: Configuration) -> Iterable[str]:
    volumes, experiment = configuration.experiments.volumes, configuration.experiments.basin_ratio
    if experiment is None:
        return
    allowed = [name for name, volume in volumes.items() if volume.spectrum]
    if experiment.volumes not in allowed:
        yield (
            f"experiments.basin_ratio.volumes: given {experiment.volumes!r}; "
            f"allowed: {', '.join(allowed) or 'none, since no entry of experiments.volumes has spectra'}"
        )
    for number, grid in enumerate(experiment.starts.runs if experiment.starts else ()):
        if grid.attack != (NO_ATTACK,):
            yield (
                f"experiments.basin_ratio.starts.runs.{number}.attack: given {', '.join(grid.attack)}; "
                f"allowed: {NO_ATTACK}, since an attack is no random start"
            )


def _other_landscape(configuration: Configuration) -> Iterable[str]:
    experiment = configuration.experiments.basin_ratio
    if experiment is None:
        return
    allowed = _landscapes(configuration.experiments.volumes[experiment.volumes].runs)
    if experiment.starts and (given := _landscapes(experiment.starts.runs) - allowed):
        yield (
            f"experiments.basin_ratio.starts.runs: given {', '.join(sorted(given))}; "
            f"allowed: {', '.join(allowed)}, the landscape of experiments.volumes.{experiment.volumes}"
        )
    unattacked = [grid for _, grids in _experiments(configuration) for grid in grids if NO_ATTACK in grid.attack]
    if not allowed & _landscapes(unattacked):
        yield (
            f"experiments.basin_ratio.volumes: given {experiment.volumes!r}, "
            f"in whose landscape ({', '.join(allowed)}) no run is unattacked; allowed: one with random starts"
        )


def _landscapes(grids: Iterable[Grid]) -> set[str]:
    return {f"{dataset}/{model}" for grid in grids for dataset in grid.dataset for model in grid.model}


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
