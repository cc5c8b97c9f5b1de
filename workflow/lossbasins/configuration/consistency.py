"""What no entry of a configuration can know alone: that names have entries, and that entries fit each other."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from lossbasins.configuration.experiments import Named
from lossbasins.configuration.grids import NO_ATTACK, Grid, parse_attack
from lossbasins.configuration.schema import TRAINED, Configuration


def inconsistencies(configuration: Configuration) -> Sequence[str]:
    """One line for each key that does not fit the others: its full path, what was given and what is allowed."""
    # Whether entries fit can be asked of those alone that there are.
    return [line for check in NAMES for line in check(configuration)] or [
        line for check in FITS for line in check(configuration)
    ]


def _points(configuration: Configuration) -> Iterable[str]:
    if TRAINED in configuration.polish:
        allowed = "any other name, since this one is what training ends at"
        yield _line(f"polish.{TRAINED}", TRAINED, allowed)
    experiments = configuration.experiments
    named = {f"volumes.{name}.matched": volume.matched for name, volume in experiments.volumes.items()}
    if experiments.polish is not None:
        named["polish.point"] = experiments.polish.point
    allowed = ", ".join(configuration.polish) or "none, since the configuration has no polish"
    for path, point in named.items():
        if point is not None and point not in configuration.polish:
            yield _line(f"experiments.{path}", point, allowed)


def _entries(configuration: Configuration) -> Iterable[str]:
    known: Mapping[str, Iterable[str]] = {
        "dataset": configuration.datasets,
        "model": configuration.models,
        "init": configuration.inits,
        "optimizer": configuration.optimizers,
    }
    given = (
        (f"{path}.{place}", key, name)
        for path, named in _named(configuration)
        for place, (key, names) in named.items()
        for name in names
    )
    for path, key, name in given:
        if key == "attack":
            try:
                parse_attack(name)
            except ValueError as error:
                yield f"{path}: {error}"
        elif name not in known[key]:
            yield _line(path, name, ", ".join(known[key]))


def _compared_volumes(configuration: Configuration) -> Iterable[str]:
    experiment = configuration.experiments.basin_ratio
    allowed = [name for name, volume in configuration.experiments.volumes.items() if volume.spectrum]
    if experiment is not None and experiment.volumes not in allowed:
        none = "none, since no entry of experiments.volumes has spectra"
        yield _line("experiments.basin_ratio.volumes", experiment.volumes, ", ".join(allowed) or none)


def _targets(configuration: Configuration) -> Iterable[str]:
    for name, volume in configuration.experiments.volumes.items():
        if volume.matched is not None and configuration.polish[volume.matched].target.loss is None:
            yield _line(f"experiments.volumes.{name}.matched", volume.matched, "a point with a target loss")


def _attack_sizes(configuration: Configuration) -> Iterable[str]:
    for path, named in _named(configuration):
        datasets = [name for key, names in named.values() if key == "dataset" for name in names]
        attacks = [(place, name) for place, (key, names) in named.items() if key == "attack" for name in names]
        for dataset, (place, name) in itertools.product(datasets, attacks):
            attack, left = parse_attack(name), configuration.datasets[dataset].attack
            if attack and attack.size > left:
                yield _line(f"{path}.{place}", name, f"at most the {left} images of datasets.{dataset}.attack")


def _batch_size(configuration: Configuration) -> Iterable[str]:
    experiment, path = configuration.experiments.batch_size, "experiments.batch_size"
    if experiment is None:
        return
    if configuration.optimizers[experiment.full].batch != "full":
        yield _line(f"{path}.full", experiment.full, "an optimizer with batch: full")
    if configuration.optimizers[experiment.mini].batch == "full":
        yield _line(f"{path}.mini", experiment.mini, "an optimizer whose batch is not full")
    if experiment.attack == NO_ATTACK:
        yield _line(f"{path}.attack", experiment.attack, "weight and size, as in w0.1-n400")


def _two_layer(configuration: Configuration) -> Iterable[str]:
    experiment = configuration.experiments.two_layer
    if experiment is None:
        return
    size = configuration.datasets[experiment.dataset].image_size
    if size is not None and experiment.pixels > size:
        allowed = f"at most datasets.{experiment.dataset}.image_size, {size}"
        yield _line("experiments.two_layer.pixels", experiment.pixels, allowed)


def _convex(configuration: Configuration) -> Iterable[str]:
    experiment = configuration.experiments.convex
    if experiment is None:
        return
    dataset = configuration.datasets[experiment.dataset]
    for key, given, left in (("train", experiment.train, dataset.train), ("attack", experiment.attack, dataset.attack)):
        if given > left:
            allowed = f"at most the {left} images of datasets.{experiment.dataset}.{key}"
            yield _line(f"experiments.convex.{key}", given, allowed)


def _one_landscape(configuration: Configuration) -> Iterable[str]:
    allowed = "one dataset and one model, since volumes compare only within one landscape"
    for path, grids in _experiments(configuration):
        landscapes = _landscapes(grids)
        if len(landscapes) > 1:
            yield _line(f"{path}.runs", landscapes, allowed)


def _random_starts(configuration: Configuration) -> Iterable[str]:
    experiment, path = configuration.experiments.basin_ratio, "experiments.basin_ratio"
    if experiment is None:
        return
    landscape = _landscapes(configuration.experiments.volumes[experiment.volumes].runs)
    starts = experiment.starts.runs if experiment.starts else ()
    for number, grid in enumerate(starts):
        if grid.attack != (NO_ATTACK,):
            allowed = f"{NO_ATTACK}, since an attack is no random start"
            yield _line(f"{path}.starts.runs.{number}.attack", grid.attack, allowed)
    if elsewhere := [name for name in _landscapes(starts) if name not in landscape]:
        allowed = f"{', '.join(landscape)}, the landscape of experiments.volumes.{experiment.volumes}"
        yield _line(f"{path}.starts.runs", elsewhere, allowed)
    unattacked = [grid for _, grids in _experiments(configuration) for grid in grids if NO_ATTACK in grid.attack]
    if not set(landscape) & set(_landscapes(unattacked)):
        allowed = f"one with random starts, but in its landscape, {', '.join(landscape)}, no run is unattacked"
        yield _line(f"{path}.volumes", experiment.volumes, allowed)


NAMES = (_points, _entries, _compared_volumes)
"""Whether each name has its entry."""
FITS = (_targets, _attack_sizes, _batch_size, _two_layer, _convex, _one_landscape, _random_starts)
"""Whether entries fit each other."""


def _experiments(configuration: Configuration) -> Iterable[tuple[str, Sequence[Grid]]]:
    """The experiments that write out their runs, by their paths."""
    places = {name: f"volumes.{name}" for name in configuration.experiments.volumes} | {"starts": "basin_ratio.starts"}
    for name, experiment in configuration.experiments.with_runs().items():
        yield f"experiments.{places.get(name, name)}", experiment.runs


def _grids(configuration: Configuration) -> Iterable[tuple[str, Grid]]:
    for path, grids in _experiments(configuration):
        for number, grid in enumerate(grids):
            yield f"{path}.runs.{number}", grid


def _named(configuration: Configuration) -> Iterable[tuple[str, Named]]:
    """Paths under which entries are named, and the names."""
    for path, grid in _grids(configuration):
        yield path, {key: (key, names) for key, names in grid}
    for name, experiment in configuration.experiments.with_names().items():
        yield f"experiments.{name}", experiment.named()


def _landscapes(grids: Iterable[Grid]) -> Sequence[str]:
    return sorted({f"{dataset}/{model}" for grid in grids for dataset in grid.dataset for model in grid.model})


def _line(path: str, given: str | int | Sequence[str], allowed: str) -> str:
    shown = repr(given) if isinstance(given, str | int) else ", ".join(given)
    return f"{path}: given {shown}; allowed: {allowed}"
