"""Audits, differences and replays for people, on a terminal or in a pipe, and for machines."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from lossbasins.provenance.audit import Audit
from lossbasins.provenance.diff import INPUT, Difference
from lossbasins.provenance.history import shown
from lossbasins.provenance.manifest import Manifest
from lossbasins.provenance.present import MISSING, short
from lossbasins.provenance.replay import Replay
from lossbasins.provenance.verdicts import Finding, Judged, Verdict

STYLES = {Verdict.VERIFIED: "green", Verdict.STALE: "yellow", Verdict.BROKEN: "bold red"}
SHORT_DIGEST = 12


def print_tree(audit: Audit, console: Console) -> None:
    """Every result from the audited ones down to raw files, each told once."""
    tree, told = Tree("", hide_root=True), set[Path]()
    for root in audit.roots:
        _add_branch(audit, root, told, tree)
    console.print(tree)
    _print_strays(audit, console)
    _print_sum(audit, console)


def print_overview(audit: Audit, console: Console) -> None:
    """How many results of each stage have which verdict, and all that is amiss."""
    table = Table(box=None, pad_edge=False)
    table.add_column("stage")
    for column in (*Verdict.__members__, "seconds"):
        table.add_column(column.lower(), justify="right")
    for stage, group in _by_stage(audit).items():
        counts = [sum(judged.verdict is verdict for judged in group) for verdict in Verdict]
        seconds = sum(judged.result.manifest.seconds for judged in group if judged.result.manifest)
        table.add_row(Text(stage), *map(str, counts), f"{seconds:.1f}")
    console.print(table)
    found = Counter(finding for judged in audit.results.values() for finding in judged.findings)
    for finding, number in sorted(found.items(), key=lambda item: (-item[0].verdict, item[0].text)):
        console.print(line_of(finding).append(f" ({number} results)" if number > 1 else ""))
    _print_strays(audit, console)
    _print_sum(audit, console)


def as_json(audit: Audit) -> dict[str, Any]:
    """All of an audit as JSON values."""
    return {
        "verdict": audit.verdict.name.lower(),
        "files": audit.files,
        "roots": [shown(path) for path in audit.roots],
        "strays": [finding.text for finding in audit.strays],
        "results": {shown(path): _result(judged) for path, judged in audit.results.items()},
    }


def _result(judged: Judged) -> dict[str, Any]:
    manifest = judged.result.manifest
    return {
        "verdict": judged.verdict.name.lower(),
        "findings": [{"verdict": f.verdict.name.lower(), "text": f.text} for f in judged.findings],
        "outputs": [shown(file) for _, file in judged.result.outputs],
        "made_from": [shown(given.maker) if given.maker else given.read.path for given in judged.result.inputs],
        "manifest": manifest.model_dump(mode="json") if manifest else None,
    }


def _add_branch(audit: Audit, path: Path, told: set[Path], above: Tree) -> None:
    judged = audit.results[path]
    manifest = judged.result.manifest
    files = ", ".join(dict.fromkeys(shown(file) for _, file in judged.result.outputs)) or shown(path)
    title = Text.assemble(
        (f"{manifest.stage if manifest else 'unknown'} ", "bold"),
        f"{files} ",
        (judged.verdict.name.lower(), STYLES[judged.verdict]),
    )
    if path in told:
        above.add(title.append(", told above", "dim"))
        return
    told.add(path)
    branch = above.add(title)
    for finding in judged.findings:
        branch.add(line_of(finding))
    if manifest:
        branch.add(Text("\n".join(_facts(manifest)), "dim"))
    for given in judged.result.inputs:
        if given.read.maker is None:
            branch.add(Text.assemble(("raw file ", "bold"), shown(given.file) if given.file else given.read.path))
    for maker in dict.fromkeys(given.maker for given in judged.result.inputs if given.maker):
        _add_branch(audit, maker, told, branch)


def _facts(manifest: Manifest) -> Iterable[str]:
    settings = ", ".join(f"{name} {value}" for name, value in _flat(manifest.spec))
    yield f"settings: {settings or 'none'}"
    state = {True: ", with changes", False: "", None: ""}[manifest.dirty]
    commit = f"commit {manifest.commit[:SHORT_DIGEST]}{state}" if manifest.commit else "no repository"
    yield f"code: {manifest.code[:SHORT_DIGEST]}, {len(manifest.modules)} modules, {commit}"
    yield f"versions: {', '.join(f'{name} {version}' for name, version in manifest.versions.items())}"
    threads = "1 thread" if manifest.threads == 1 else f"{manifest.threads} threads"
    yield f"made: {manifest.started:%Y-%m-%d %H:%M} UTC in {manifest.seconds:.1f} s on {manifest.device}, {threads}"


def _flat(values: Any, name: str = "") -> Iterable[tuple[str, str]]:  # noqa: ANN401, JSON values
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from _flat(value, f"{name}.{key}" if name else key)
    elif values != {}:
        yield name, short(values)


def _by_stage(audit: Audit) -> dict[str, list[Judged]]:
    stages: dict[str, list[Judged]] = {}
    for judged in sorted(audit.results.values(), key=lambda judged: judged.result.path):
        manifest = judged.result.manifest
        stages.setdefault(manifest.stage if manifest else "unknown", []).append(judged)
    return stages


def line_of(finding: Finding) -> Text:
    """A finding in its colour."""
    word = finding.verdict.name.lower() if finding.verdict else "note"
    return Text(f"{word}: {finding.text}", STYLES[finding.verdict])


def _print_strays(audit: Audit, console: Console) -> None:
    for finding in audit.strays:
        console.print(line_of(finding))


def _print_sum(audit: Audit, console: Console) -> None:
    verdict = (audit.verdict.name.lower(), STYLES[audit.verdict])
    console.print(Text.assemble(verdict, f": {len(audit.results)} results, {audit.files} files read"))


def print_differences(found: Mapping[Difference, Sequence[str]], console: Console) -> None:
    """What differs, side by side, and in how many results of which stages."""
    if not found:
        console.print("no difference")
        return
    table = Table("what", "left", "right", "where", box=None, pad_edge=False)
    for difference, stages in _grouped(found).items():
        where = ", ".join(f"{stage} ({n})" if n > 1 else stage for stage, n in Counter(stages).items())
        table.add_row(*map(Text, (difference.what, difference.left, difference.right, where)))
    console.print(table)


def _grouped(found: Mapping[Difference, Sequence[str]]) -> dict[Difference, list[str]]:
    """Files that have no match on the other side share a line for each name of an input and side."""
    rows: dict[Difference, list[str]] = {}
    alone: dict[tuple[str, bool], list[Difference]] = {}
    for difference, stages in found.items():
        if difference.what.startswith(INPUT) and MISSING in (difference.left, difference.right):
            alone.setdefault((difference.what, difference.right == MISSING), []).append(difference)
        else:
            rows[difference] = [*stages]
    for (what, left), group in alone.items():
        stages = [stage for difference in group for stage in found[difference]]
        if len(group) == 1:
            rows[group[0]] = stages
            continue
        paths = [(difference.left if left else difference.right).split()[0] for difference in group]
        told = f"{len(group)} files without a match, such as {paths[0]}"
        rows[Difference(what, *((told, MISSING) if left else (MISSING, told)))] = stages
    return rows


def print_replay(replayed: Replay, console: Console) -> None:
    """How each output came out, and what that means."""
    for output in replayed.outputs:
        how = "same bytes" if output.same_bytes else f"other bytes, values differ by {output.deviation:.2g} relative"
        console.print(Text(f"{output.name} {shown(output.file)}: {how}"))
    for line in replayed.elsewhere:
        console.print(Text(f"other {line}", "yellow"))
    verdict, style = ("same", "green") if replayed.same else ("differs", "bold red")
    if all(output.same_bytes for output in replayed.outputs):
        by = "to the byte"
    elif replayed.elsewhere:
        by = f"by values, tolerance {replayed.tolerance:.0e} relative"
    else:
        by = "in bytes, though device, host and threads are as recorded"
    console.print(Text.assemble((verdict, style), f" {by}; made again in {replayed.seconds:.1f} s"))
