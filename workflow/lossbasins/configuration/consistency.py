"""What no entry of a configuration can know alone: that names have entries, and that entries fit each other."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from lossbasins.configuration.schema import Configuration
from lossbasins.experiments.experiment import Experiment
from lossbasins.experiments.named import TRAINED, Given, names_in, parse_attack
from lossbasins.specs.entries import AttackSpec


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


def _entries(configuration: Configuration) -> Iterable[str]:
    for path, given in _given(configuration):
        for name in given.names:
            if given.entries == "attacks":
                try:
                    parse_attack(name)
                except ValueError as error:
                    yield f"{path}: {error}"
            elif name not in (known := getattr(configuration, given.entries)):
                none = f"none, since the configuration has no {given.entries}"
                yield _line(path, name, ", ".join(known) or none)


def _attack_sizes(configuration: Configuration) -> Iterable[str]:
    def beside(item: tuple[str, Given]) -> str:
        return item[0].rpartition(".")[0]

    for _, keys in itertools.groupby(_given(configuration), beside):
        named = list(keys)
        datasets = [name for _, given in named if given.entries == "datasets" for name in given.names]
        attacks = [(path, name) for path, given in named if given.entries == "attacks" for name in given.names]
        for dataset, (path, name) in itertools.product(datasets, attacks):
            attack, left = parse_attack(name), configuration.datasets[dataset].attack
            if isinstance(attack, AttackSpec) and attack.size > left:
                yield _line(path, name, f"at most the {left} images of datasets.{dataset}.attack")


def _problems(configuration: Configuration) -> Iterable[str]:
    others: Mapping[str, Experiment] = {name: chosen for _, name, chosen in configuration.experiments.named()}
    for path, chosen in _experiments(configuration):
        for problem in chosen.problems(configuration, others):
            yield _line(f"{path}.{problem.key}", problem.given, problem.allowed)


def _fitted(configuration: Configuration) -> Iterable[str]:
    for _, chosen in _experiments(configuration):
        for claim in chosen.claims:
            rule = configuration.claims.rules.get(claim.name)
            wanted = rule.fitted_at_least if rule else None
            path = f"claims.rules.{claim.name}.fitted_at_least"
            if wanted is not None and not claim.counts_fitted:
                yield _line(path, wanted, "null, since its evidence counts no fitted solutions")
            elif wanted is not None and wanted > configuration.replicas:
                yield _line(path, wanted, f"at most the {configuration.replicas} replicas that a run has")


def _measures(configuration: Configuration) -> Iterable[str]:
    known = type(configuration.curvature).model_fields
    for path, chosen in _experiments(configuration):
        for name in chosen.measures():
            if name not in known:
                yield f"{path}: reads the measure {name!r}; there are {', '.join(known)}"


NAMES = (_points, _entries, _measures)
"""Whether each name has its entry."""
FITS = (_attack_sizes, _problems, _fitted)
"""Whether entries fit each other."""


def _experiments(configuration: Configuration) -> Iterable[tuple[str, Experiment]]:
    """Those that are configured, by their paths."""
    for key, name, chosen in configuration.experiments.named():
        yield f"experiments.{key}" if name == key else f"experiments.{key}.{name}", chosen


def _given(configuration: Configuration) -> Iterable[tuple[str, Given]]:
    """All names that experiments give, by their paths."""
    for path, chosen in _experiments(configuration):
        for given in names_in(chosen):
            yield ".".join((path, *given.place)), given


def _line(path: str, given: str | int | Sequence[str], allowed: str) -> str:
    shown = repr(given) if isinstance(given, str | int) else ", ".join(given)
    return f"{path}: given {shown}; allowed: {allowed}"
