"""What the wildcards of a study's paths may be, as regular expressions."""

import re
from collections.abc import Iterable

from lossbasins.experiments.named import ATTACK, NO_ATTACK, RANDOM_LABELS, TRAINED
from lossbasins.study import Study

NOTHING = "(?!)"
"""A pattern that matches nothing; Snakemake takes an empty one for no constraint."""
LEARNT_AT_ONCE = f"{NO_ATTACK}|{ATTACK.pattern}"
"""An attack where all labels are learnt at once."""
RANDOM_FIRST = RANDOM_LABELS.pattern
"""An attack where random labels are learnt before the true ones."""


def heavy_measures(study: Study) -> str:
    """A measure that has jobs of its own, and gives numbers."""
    return any_of(study.heavy_measures)


def array_measures(study: Study) -> str:
    """A measure that gives arrays."""
    return any_of(name for name, found in study.measures.items() if found.arrays)


def polished_points(study: Study) -> str:
    """A point that a solution is polished to."""
    return any_of(study.configuration.polish)


def wildcard_patterns(study: Study) -> dict[str, str]:
    """By wildcard: the names that the study has."""
    choices = study.configuration
    entries: dict[str, list[str]] = {}
    for planned in study.experiments:
        for key, name in planned.wildcards.items():
            entries.setdefault(key, []).append(name)
        for key, values in planned.chosen.parts().items():
            entries.setdefault(key, []).extend(map(str, values))
    return {
        "study": re.escape(study.name),
        "dataset": any_of(choices.datasets),
        "model": any_of(choices.models),
        "init": any_of(choices.inits),
        "optimizer": any_of(choices.optimizers),
        "attack": f"{LEARNT_AT_ONCE}|{RANDOM_FIRST}",
        "point": any_of([TRAINED, *choices.polish]),
        "measure": any_of(study.measures),
        **{key: any_of(names) for key, names in entries.items()},
    }


def any_of(names: Iterable[str]) -> str:
    """A pattern that matches one of the names; without names, nothing."""
    return "|".join(map(re.escape, names)) or NOTHING
