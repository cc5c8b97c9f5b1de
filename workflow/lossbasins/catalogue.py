"""All stages, experiments and measures, found by their names: the package's, and those of one's own."""

import inspect
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, ValidationError

from lossbasins import paths
from lossbasins.experiments.experiment import Experiment
from lossbasins.specs import check, claims, evaluate, explore, fetch, measure, memorise, polish, split, summary, train
from lossbasins.specs.base import Spec
from lossbasins.specs.entries import Precision
from lossbasins.specs.modules import (
    MEASURE,
    PACKAGE,
    ROOT,
    choices,
    constants,
    factory,
    functions,
    load,
    module_name,
    options,
    path_of,
)
from lossbasins.specs.stage import Stage

EXPERIMENTS = f"{PACKAGE}.experiments"
RESOURCES = {"gpu", "mem_mb", "runtime"}
CHEAP = "cheap_measures"
"""The stage in which all cheap measures of a point are taken; no measure has its name."""
SHARED = {
    "fetch": (fetch, paths.IMAGES),
    "split": (split, paths.SPLIT),
    "check": (check, paths.NETWORK),
    "train": (train, paths.TRAINED_SOLUTIONS),
    "memorise": (memorise, paths.TRAINED_SOLUTIONS),
    "polish": (polish, paths.POLISH),
    "evaluate": (evaluate, paths.EVALUATION),
    "claims": (claims, paths.table("claims", "csv")),
    "summary": (summary, paths.SUMMARY),
    "explore": (explore, paths.EXPLORE),
}
"""Stages that all experiments share, with the output that tells their jobs apart."""


class Measure(Spec):
    """What the file of a measure says of it."""

    name: str
    """As in paths: without the folder of one's own."""
    module: str
    """Its name as a specification has it."""
    precision: Precision
    gpu: NonNegativeInt = 0
    """How many it asks a cluster for."""
    mem_mb: PositiveInt = 4000
    runtime: PositiveInt = 30
    """Minutes."""
    arrays: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    cheap: bool = False
    initial: bool = False
    sharper: Literal["larger", "smaller"] = "larger"
    """Which values are expected of sharper, worse basins."""


class UnknownStageError(ValueError):
    """There is no such stage; the message is one line."""


def stage(name: str) -> Stage:
    """A stage by its full name.

    That of one's own is where it lies: `studies.mine.experiments.toy.table`, `studies.mine.measures.toy`.

    Raises:
        UnknownStageError: there is none.
    """
    # Those of experiments last: loading these takes a tenth of a second, which each job would wait for.
    found = _shared().get(name) or _shown().get(name) or _own_stage(name)
    if found is None:
        raise UnknownStageError(f"no stage {name!r}; the stages are {', '.join((*_shared(), *_shown()))}")
    return found


@cache
def experiments(own: str | None = None) -> Mapping[str, type[Experiment]]:
    """Every experiment by the name of its folder, in the order of their numbers.

    Args:
        own: dotted name of a folder of one's own, whose experiments come too.
    """
    packages = [f"{EXPERIMENTS}.{name}" for name in _folders(ROOT / "experiments")]
    if own:
        below = f"{own}.experiments"
        packages += [f"{below}.{name}" for name in _folders(Path(*below.split(".")))]
    found: dict[str, type[Experiment]] = {}
    for package in packages:
        name = package.rpartition(".")[2]
        if name in found:
            raise ValueError(f"lossbasins has an experiment {name} too; give it another name")
        found[name] = _experiment(package)
    for kind, names in (
        ("stage", [stage.name for experiment in found.values() for stage in experiment.stages]),
        ("claim", [claim.name for experiment in found.values() for claim in experiment.claims]),
    ):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two experiments have a {kind} {twice[0]}; give one of them another name")
    return dict(sorted(found.items(), key=lambda item: _order(item[1].number)))


@cache
def measures(own: str | None = None) -> Mapping[str, Measure]:
    """Every measure by its name.

    Args:
        own: dotted name of a folder of one's own, whose measures come too.
    """
    ours = choices(MEASURE)
    names = [*ours, *(f"{own}.measures.{name}" for name in choices(MEASURE, own)[len(ours) :])]
    found = {said.name: said for said in map(_measure, names)}
    with_arrays = [name for name, said in found.items() if said.arrays]
    for said in found.values():
        if missing := set(said.reads) - (set(with_arrays) - {said.name}):
            allowed = ", ".join(with_arrays)
            raise ValueError(f"measure {said.module}: READS {', '.join(missing)}; with arrays there are {allowed}")
    return found


def measure_stage(found: Measure) -> Stage:
    """The stage in which a measure is taken alone."""
    return Stage(
        name=found.name,
        module=f"{PACKAGE}.stages.{'measure_arrays' if found.arrays else 'measure'}",
        result=paths.ARRAYS if found.arrays else paths.VALUES,
        spec=measure.Spec,
        inputs=measure.Inputs,
        outputs=measure.ArrayOutputs if found.arrays else measure.Outputs,
        place=found.module if "." in found.module else "",
        about=module_name(MEASURE, found.module),
    )


@cache
def _shared() -> Mapping[str, Stage]:
    shared = [
        Stage(name, f"{PACKAGE}.stages.{name}", result, specs.Spec, specs.Inputs, specs.Outputs)
        for name, (specs, result) in SHARED.items()
    ]
    cheap = Stage(CHEAP, f"{PACKAGE}.stages.measure", paths.CHEAP, measure.Spec, measure.Inputs, measure.Outputs)
    return {stage.name: stage for stage in (*shared, cheap, *map(measure_stage, measures().values()))}


@cache
def _shown() -> Mapping[str, Stage]:
    return {stage.name: stage for experiment in experiments().values() for stage in experiment.stages}


def _own_stage(name: str) -> Stage | None:
    package, _, _ = name.rpartition(".")
    if package.endswith(".measures") and factory(MEASURE, name):
        return measure_stage(_measure(name))
    if not package or not path_of(f"{package}.choices").is_file():
        return None
    return next((found for found in _experiment(package).stages if found.module == name), None)


def _experiment(package: str) -> type[Experiment]:
    """The one experiment that is defined in a folder's `choices.py`."""
    module = load(f"{package}.choices")
    found = [
        value
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Experiment) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise ValueError(f"{path_of(module.__name__)}: defines {len(found)} experiments; allowed: one")
    return found[0]


def check_experiment(experiment: type[Experiment]) -> None:
    """Raises ValueError, with one line, where an experiment lacks what it says it has."""
    package = experiment.__module__.rpartition(".")[0]
    choices_file = path_of(f"{package}.choices")
    if not getattr(experiment, "stages", ()):
        raise ValueError(f"{choices_file}: stages: missing; give at least one table or figure")
    if "jobs" not in vars(experiment):
        raise ValueError(f"{choices_file}: jobs: missing; say what each stage is given")
    needed = {stage.module: {"run"} for stage in experiment.stages}
    if experiment.claims:
        needed[f"{package}.evidence"] = {claim.name for claim in experiment.claims}
    if experiment.sentences:
        needed[f"{package}.sentences"] = {"sentences"}
    for module, names in needed.items():
        path = path_of(module)
        if not path.is_file():
            raise ValueError(f"{path}: no such file; it needs a function {min(names)}")
        if missing := names - functions(path):
            raise ValueError(f"{path}: {min(missing)}: missing; define a function of that name")
    if not (rules := choices_file.with_name("rules.smk")).is_file():
        raise ValueError(f"{rules}: no such file; it needs a rule for each stage")


def _measure(module: str) -> Measure:
    """What the constants of a file say; raises ValueError, with one line, where they do not."""
    said = constants(MEASURE, module)
    chosen = {
        key.lower(): said[key] for key in ("PRECISION", "ARRAYS", "READS", "CHEAP", "INITIAL", "SHARPER") if key in said
    }
    file = path_of(module_name(MEASURE, module))
    resources = said.get("RESOURCES", {})
    if not isinstance(resources, dict) or not resources.keys() <= RESOURCES:
        raise ValueError(f"{file}: RESOURCES: given {resources!r}; allowed: numbers of {', '.join(sorted(RESOURCES))}")
    if "precision" in options(MEASURE, module):
        raise ValueError(f"{file}: precision: no name for an option; the configuration has it for every measure")
    try:
        found = Measure(name=module.rpartition(".")[2], module=module, **chosen, **resources)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])).upper()}: {one['msg'].lower()}" for one in error.errors())
        raise ValueError(f"{file}: {wrong}") from None
    if found.cheap and found.arrays:
        raise ValueError(f"{file}: cheap ones give a number, no arrays; leave out CHEAP or ARRAYS")
    return found


def _folders(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("*/choices.py"))


def _order(number: str) -> tuple[float, str]:
    """E2 before E10, and those without a number last."""
    digits = number.lstrip("E")
    return (int(digits), "") if digits.isdecimal() else (math.inf, number)
