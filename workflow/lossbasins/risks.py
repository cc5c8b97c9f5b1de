"""Runs of which too few replicas may fit for a claim, as earlier results show, told before anything runs."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from lossbasins import paths
from lossbasins.specs.runs import RunSpec
from lossbasins.study import Study

STUDIES = ("*", "published/*")
"""Folders of studies among the results."""


def at_risk(study: Study, results: Path) -> Sequence[str]:
    """One line for each run that a claim asks fitted replicas of, where earlier ones of its names fitted too rarely.

    Args:
        study: about to run.
        results: folder of its results and of those of earlier studies.
    """
    lines = []
    for claim, wanted, run in _asked(study):
        replicas = study.replicas(run)
        names = (run.dataset, run.model, run.init, run.optimizer, run.attack.name if run.attack else "none")
        for folder, fitted, tried in _earlier(study, run, results):
            if fitted * replicas < wanted * tried:
                found = f"{fitted} of {tried} replicas fitted in {folder}"
                lines.append(f"at risk: {', '.join(names)}: {found}; {claim} asks for {wanted} of {replicas}")
    return lines


def _asked(study: Study) -> Iterable[tuple[str, int, RunSpec]]:
    rules = study.configuration.claims.rules
    for planned in study.experiments:
        for claim in planned.chosen.claims:
            if claim.name in rules and (wanted := rules[claim.name].fitted_at_least):
                yield from ((claim.name, wanted, run) for run in study.runs(planned.chosen.grids()))


def _earlier(study: Study, run: RunSpec, results: Path) -> Iterable[tuple[Path, int, int]]:
    """Folders of studies that have the run, how many of its replicas fitted there, and of how many."""
    below = Path(study.files(paths.EVALUATION, [run])[0]).relative_to(study.path(paths.STUDY))
    for folder in sorted(folder for pattern in STUDIES for folder in results.glob(pattern)):
        if (folder / below).is_file():
            with (folder / below).open(encoding="utf-8", newline="") as file:
                statuses = [row["status"] for row in csv.DictReader(file)]
            yield folder, statuses.count("ok"), len(statuses)
