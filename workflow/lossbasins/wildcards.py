"""The run that the wildcards of a path name."""

from typing import Protocol

from lossbasins.experiments.named import NO_ATTACK, parse_attack
from lossbasins.specs.runs import RunSpec


class RunWildcards(Protocol):
    """Snakemake's wildcards of a path."""

    dataset: str
    model: str
    init: str
    optimizer: str
    attack: str
    point: str


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
