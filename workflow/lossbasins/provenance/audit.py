"""Audits: whether results are, to the byte, what their manifests say, and whether a run now would make the same."""

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lossbasins.provenance.embedded import carried_id, manifest_of_stray
from lossbasins.provenance.folders import files_below
from lossbasins.provenance.frozen import INDEX, FrozenError, frozen_root, read_index
from lossbasins.provenance.history import Histories, Result, shown
from lossbasins.provenance.manifest import SUFFIX, sha256_of
from lossbasins.provenance.verdicts import Bytes, Finding, Judge, Judged, MovedOn, Verdict


@dataclass(frozen=True)
class Audit:
    """What was found out about some results and all that they were made from."""

    roots: Sequence[Path]
    """The manifests that nothing else audited was made from."""
    results: Mapping[Path, Judged]
    """By manifest."""
    strays: Sequence[Finding]
    """What is amiss with files that belong to no result."""
    files: int
    """How many files were hashed."""

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        found = [judged.verdict for judged in self.results.values()]
        return max([*found, *(finding.verdict for finding in self.strays)], default=Verdict.VERIFIED)


class AuditError(ValueError):
    """There is nothing to audit; the message is one line."""


def audit(targets: Iterable[Path], results: Path, data_dir: Path, moved_on: MovedOn) -> Audit:
    """Checks every digest from some results down to raw files, each file hashed once.

    Args:
        targets: results, manifests, folders of them, or figures that left their folder.
        results: folder of all studies, where the manifest of a file that left its folder is looked for.
        data_dir: folder of the downloads.
        moved_on: what a run would do otherwise now.

    Raises:
        AuditError: a target does not exist, or a folder holds no results.
    """
    histories = Histories(data_dir)
    manifests: list[Path] = []
    strays: list[Finding] = []
    for target in map(Path.absolute, targets):
        if target.is_dir():
            files = files_below(target)
            manifests += _manifests_of(target, files)
            strays += [*_unlisted(files, histories), *_gone(target, files)]
        elif not target.exists():
            strays.append(Finding(Verdict.BROKEN, f"{target}: missing"))
        else:
            found, amiss = _manifest_of(target, histories, results)
            manifests += found
            strays += amiss
    closure = histories.closure(manifests)
    seen = _hashed(closure.values())
    judge = Judge(seen, histories, moved_on)
    judged = {path: judge.judged(result) for path, result in closure.items()}
    used = {given.maker for result in closure.values() for given in result.inputs}
    roots = [path for path in dict.fromkeys(manifests) if path not in used]
    return Audit(roots or manifests, judged, strays, len(seen))


def only_manifest(target: Path, histories: Histories, results: Path) -> Path:
    """The manifest of one file, itself maybe a manifest, as an absolute path.

    Raises:
        AuditError: there is no such file, or no manifest of it.
    """
    if not target.is_file():
        found = "a folder" if target.is_dir() else "no such file"
        raise AuditError(f"{shown(target.absolute())}: {found}; give a result or a manifest")
    manifests, amiss = _manifest_of(target.absolute(), histories, results)
    if amiss:
        raise AuditError(amiss[0].text)
    return manifests[0]


def _manifests_of(folder: Path, files: Iterable[Path]) -> list[Path]:
    manifests = [file for file in files if file.name.endswith(SUFFIX)]
    if not manifests:
        raise AuditError(f"{shown(folder)}: no manifests in it; give a result, or the folder of a study")
    return manifests


def _unlisted(files: Iterable[Path], histories: Histories) -> Iterable[Finding]:
    """Files that no manifest lists."""
    for file in files:
        if file.name != INDEX and not file.name.endswith(SUFFIX) and histories.maker(file) is None:
            yield Finding(Verdict.BROKEN, f"{shown(file)}: its manifest is missing, no manifest beside it lists it")


def _gone(folder: Path, files: Iterable[Path]) -> Iterable[Finding]:
    """Manifests below a folder that the list of a frozen one names and that are not there."""
    above = frozen_root(folder)
    for root in {*([above] if above else []), *(file.parent for file in files if file.name == INDEX)}:
        # Of a list that cannot be read each result of the folder says so.
        with contextlib.suppress(FrozenError):
            for path in (root / name for name in read_index(root).manifests):
                if path.is_relative_to(folder) and not path.is_file():
                    yield Finding(Verdict.BROKEN, f"{shown(path)}: missing, though {INDEX} lists it")


def _manifest_of(file: Path, histories: Histories, results: Path) -> tuple[list[Path], list[Finding]]:
    """The manifest of one file, and what is amiss with a file that left its folder."""
    if file.name.endswith(SUFFIX):
        return [file], []
    if maker := histories.maker(file):
        return [maker], []
    maker = manifest_of_stray(file, results)
    if maker is None:
        carried = carried_id(file)
        sought = f"the manifest {carried} that it carries" if carried else "a manifest of these bytes"
        return [], [Finding(Verdict.BROKEN, f"{shown(file)}: manifest missing; {sought} is not {_looked(results)}")]
    if sha256_of(file) in {output.sha256 for output, _ in histories.result(maker).outputs}:
        return [maker], []
    text = f"{shown(file)}: bytes differ from all files of its manifest, {shown(maker)}"
    return [maker], [Finding(Verdict.BROKEN, text)]


def _looked(results: Path) -> str:
    """Where manifests were looked for, and what to do if that is nowhere."""
    place = f"under {results.absolute()}"
    if results.is_dir():
        return place
    return f"{place}, which is no folder: start in the project's folder, or name its results with --results"


def _hashed(results: Iterable[Result]) -> Mapping[Path, Bytes]:
    """Digest and size of every output and raw file that exists."""
    files: dict[Path, None] = {}
    for result in results:
        files |= dict.fromkeys(path for _, path in result.outputs)
        files |= dict.fromkeys(given.file for given in result.inputs if given.file and not given.maker)
    present = [file for file in files if file.is_file()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(present, pool.map(_bytes, present), strict=True))


def _bytes(file: Path) -> Bytes:
    return Bytes(sha256_of(file), file.stat().st_size)
