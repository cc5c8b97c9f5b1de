"""An audit's answer on one screen: the verdict, what the result is from, and what is amiss."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lossbasins.provenance.audit import Audit
from lossbasins.provenance.history import shown
from lossbasins.provenance.printing import SHORT_DIGEST, STYLES, line_of
from lossbasins.provenance.verdicts import Judged

NAMED = 4
"""As many files of a kind are named; of more there is a number."""
AMISS = 12
"""As many findings are told."""
KINDS = {"figures": "figure", "tables": "tables", "runs": "solutions", "counts": "counts", "data": "data"}
"""Folders of a study, from what is shown to what it is from."""
COLUMN = 11
"""Characters before what a line is about."""


def print_answer(audit: Audit, targets: Sequence[Path], console: Console) -> None:
    """The verdict first; then a line for each step from the result to raw files; then what is amiss."""
    name = audit.verdict.name.lower()
    what = ", ".join(shown(path.absolute()) for path in targets)
    console.print(Text.assemble((name, STYLES[audit.verdict]), f": {what}"))
    for kind, text in _steps(audit):
        console.print(Text(f"{kind:<{COLUMN}}{text}"))
    found = Counter(finding for judged in audit.results.values() for finding in judged.findings)
    found.update(audit.strays)
    worst = sorted(found.items(), key=lambda item: (-item[0].verdict, item[0].text))
    for finding, number in worst[:AMISS]:
        console.print(line_of(finding).append(f" ({number} results)" if number > 1 else ""))
    if len(worst) > AMISS:
        console.print(Text(f"and {len(worst) - AMISS} more, with --full"))
    console.print(Text(f"{len(audit.results)} results, {audit.files} files read; --full draws the tree", "dim"))


def _steps(audit: Audit) -> Iterable[tuple[str, str]]:
    for place, path in enumerate(audit.roots):
        manifest = audit.results[path].result.manifest
        if manifest and place < NAMED:
            made = f"{manifest.started:%Y-%m-%d %H:%M} UTC, manifest {manifest.id[:SHORT_DIGEST]}"
            yield "made", f"by {manifest.stage}, {made}"
    groups: dict[str, list[Judged]] = {kind: [] for kind in KINDS.values()}
    for judged in audit.results.values():
        groups.setdefault(_kind(judged), []).append(judged)
    for kind, group in groups.items():
        if kind == "solutions" and group:
            yield kind, _solutions(group)
        elif group:
            yield kind, _files([file for judged in group for _, file in judged.result.outputs])
    raw = {
        given.read.path for judged in audit.results.values() for given in judged.result.inputs if not given.read.maker
    }
    if raw:
        yield "raw files", ", ".join(sorted(raw))


def _kind(judged: Judged) -> str:
    parts = judged.result.path.parts
    return next((kind for folder, kind in KINDS.items() if folder in parts), "other")


def _solutions(group: Sequence[Judged]) -> str:
    """How many solutions, of how many runs, and how many results of each stage."""
    manifests = [judged.result.manifest for judged in group if judged.result.manifest and judged.result.sealed]
    trained = [manifest for manifest in manifests if manifest.stage in ("train", "memorise")]
    number = sum(len(manifest.spec.get("seeds", ())) for manifest in trained)
    stages = Counter(manifest.stage for manifest in manifests)
    of = ", ".join(f"{count} {stage}" for stage, count in stages.items())
    return f"{number} of {len(trained)} runs ({of})"


def _files(files: Sequence[Path]) -> str:
    named = sorted(dict.fromkeys(map(shown, files)))
    if len(named) <= NAMED:
        return ", ".join(named)
    return f"{named[0]} and {len(named) - 1} more"
