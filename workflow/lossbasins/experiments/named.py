"""Names as experiments give them: of entries of a configuration, of attacks, of grids of runs."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import AfterValidator, Field, StringConstraints
from pydantic.fields import FieldInfo

from lossbasins.specs.base import Spec
from lossbasins.specs.entries import AttackSpec, InitSpec, ModelSpec, OptimizerSpec, SourceSpec
from lossbasins.specs.polish import PolishChoices
from lossbasins.specs.random_labels import RandomLabelsSpec
from lossbasins.specs.runs import RunSpec
from lossbasins.specs.split import SplitChoices

TRAINED = "trained"
"""The point that training ends at; no entry of `polish` has its name."""
NO_ATTACK = "none"
RANDOM_LABELS = re.compile(r"random-r(\d{1,3})")
ATTACK = re.compile(r"w(\d+(?:\.\d+)?(?:e[+-]\d\d?)?)-n(\d{1,9})")


class Of(NamedTuple):
    """Marks the type of a key whose names stand for entries of the configuration."""

    entries: str
    """`datasets`, `models`, `inits`, `optimizers`, `polish`; or `attacks`, which say all by their names."""


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$")]
"""A name that stands in paths."""


def _as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


Names = Annotated[Name | Annotated[tuple[Name, ...], Field(min_length=1)], AfterValidator(_as_tuple)]
"""One name or a list."""
Dataset = Annotated[Name, Of("datasets")]
Datasets = Annotated[Names, Of("datasets")]
Model = Annotated[Name, Of("models")]
Models = Annotated[Names, Of("models")]
Init = Annotated[Name, Of("inits")]
Inits = Annotated[Names, Of("inits")]
Optimizer = Annotated[Name, Of("optimizers")]
Optimizers = Annotated[Names, Of("optimizers")]
Attack = Annotated[Name, Of("attacks")]
Attacks = Annotated[Names, Of("attacks")]
Point = Annotated[Name, Of("polish")]


class Grid(Spec):
    """All combinations of the names given; each key takes one name or a list."""

    dataset: Datasets
    """Names of entries of `datasets`."""
    model: Models
    """Names of entries of `models`."""
    init: Inits
    """Names of entries of `inits`."""
    optimizer: Optimizers
    """Names of entries of `optimizers`."""
    attack: Attacks
    """`none`; weight and size as in `w0.1-n400`: gamma = 0.1 and 400 wrongly labelled images; or `random-r4`: training
    on 4 copies of each training image with random labels first, then on the true ones without an attack."""

    def runs(self) -> Iterator[RunSpec]:
        """Each combination once, the last key first."""
        for dataset, model, init, optimizer, attack in itertools.product(
            self.dataset, self.model, self.init, self.optimizer, self.attack
        ):
            yield RunSpec(dataset=dataset, model=model, init=init, optimizer=optimizer, attack=parse_attack(attack))


Grids = Annotated[tuple[Grid, ...], Field(min_length=1)]
"""A list of grids."""


class DatasetSpec(SourceSpec, SplitChoices):
    """Where images come from, and which serve for what."""


class Entries(Spec):
    """What experiments name."""

    replicas: int
    datasets: Mapping[str, DatasetSpec]
    models: Mapping[str, ModelSpec]
    inits: Mapping[str, InitSpec]
    optimizers: Mapping[str, OptimizerSpec]
    polish: Mapping[str, PolishChoices]


class Given(NamedTuple):
    """Names that a key gives."""

    place: tuple[str, ...]
    """The key, below its experiment."""
    entries: str
    """As in `Of`."""
    names: tuple[str, ...]


def names_in(value: Spec, place: tuple[str, ...] = ()) -> Iterator[Given]:
    """All names of entries that a part of a configuration gives, in the order of its keys."""
    for key, field in type(value).model_fields.items():
        given, entries = getattr(value, key), _entries_of(field)
        if entries and given is not None:
            yield Given((*place, key), entries, (given,) if isinstance(given, str) else tuple(given))
        elif not entries:
            for below, part in _parts(given):
                yield from names_in(part, (*place, key, *below))


def parse_attack(name: str) -> AttackSpec | RandomLabelsSpec | None:
    """What is of that name in paths and configurations, such as `w0.1-n400` or `random-r4`; None for `none`.

    Raises:
        ValueError: no attack has that name.
    """
    if name == NO_ATTACK:
        return None
    if (match := RANDOM_LABELS.fullmatch(name)) and int(match[1]):
        return RandomLabelsSpec(copies=int(match[1]))
    match = ATTACK.fullmatch(name)
    if match is None or float(match[1]) == 0 or int(match[2]) == 0:
        allowed = f"{NO_ATTACK}, a weight and a size above zero as in w0.1-n400, or copies as in random-r4"
        raise ValueError(f"given {name!r}; allowed: {allowed}")
    return AttackSpec(weight=float(match[1]), size=int(match[2]))


def landscapes(runs: Iterable[Grid]) -> list[str]:
    """Data set and model of each run, sorted: volumes compare only within one landscape."""
    return sorted({f"{dataset}/{model}" for grid in runs for dataset in grid.dataset for model in grid.model})


def _parts(value: object) -> Iterator[tuple[tuple[str, ...], Spec]]:
    if isinstance(value, Spec):
        yield (), value
    elif isinstance(value, tuple):
        yield from (((str(number),), part) for number, part in enumerate(value) if isinstance(part, Spec))


def _entries_of(field: FieldInfo) -> str | None:
    """Which entries a key names: it, one of its alternatives, or its own keys."""
    marks = [*field.metadata, *(mark for part in _annotations(field.annotation) for mark in part.__metadata__)]
    return next((mark.entries for mark in marks if isinstance(mark, Of)), None)


def _annotations(annotation: Any) -> Iterator[Any]:  # noqa: ANN401, a type
    for argument in get_args(annotation):
        if hasattr(argument, "__metadata__"):
            yield argument
