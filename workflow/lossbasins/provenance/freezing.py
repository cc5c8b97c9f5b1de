"""Freezing: a copy of a study to keep, without the files that are too large, and a sealed list of what it holds."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from lossbasins.provenance.audit import audit
from lossbasins.provenance.folders import files_below
from lossbasins.provenance.frozen import INDEX, FrozenError, Index
from lossbasins.provenance.manifest import SUFFIX, sealed_text
from lossbasins.provenance.verdicts import Finding, Judged, Verdict
from lossbasins.stages.temporary import beside


def freeze(study: Path, folder: Path, leave_out: Sequence[str], data_dir: Path = Path("data")) -> int:
    """Copies all results of a study with their manifests, but for what matches a pattern, whole or not at all.

    Args:
        study: folder of the study's results, or a frozen one, of which what was left out stays so.
        folder: made anew; a manifest stands in it for each file, kept or not.
        leave_out: patterns of file names, such as `*.safetensors`.
        data_dir: folder of the downloads.

    Returns:
        The number of files left out.

    Raises:
        FrozenError: there is nothing to freeze, an audit of it says broken, a pattern matches nothing, or the folder
            exists or lies in the study.
        OSError: a file cannot be read or written.
    """
    place = study.absolute()
    manifests = [path for path in files_below(place) if path.name.endswith(SUFFIX)] if place.is_dir() else []
    if not manifests:
        raise FrozenError(f"{study}: no manifests in it; give the folder of a study, such as results/digits")
    if folder.exists() or folder.is_symlink():
        raise FrozenError(f"{folder}: exists; remove it or give another folder")
    if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(study)):  # which a loop of links does not stop
        raise FrozenError(f"{folder}: lies in the study itself; give a folder outside of {study}")
    whole = _whole(study, data_dir)
    outputs = {file: made.sha256 for path in manifests for made, file in whole[path].result.outputs}
    for pattern in leave_out:
        if not pattern or not any(file.match(pattern) for file in outputs):
            raise FrozenError(f"--leave-out {pattern!r}: no file of {study} is called so; nothing was frozen")
    # An output that is not there was left out of the frozen study that is frozen again, or it would be broken.
    left_out = {file for file in outputs if any(map(file.match, leave_out)) or not file.is_file()}
    index = Index(
        manifests=[path.relative_to(place).as_posix() for path in manifests],
        left_out={file.relative_to(place).as_posix(): outputs[file] for file in left_out},
    )
    temporary = beside(folder)
    try:
        for file in (*manifests, *(outputs.keys() - left_out)):
            here = temporary / file.parent.relative_to(place)
            here.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, here)
        (temporary / INDEX).write_text(sealed_text(index.model_dump()), encoding="utf-8")
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return len(left_out)


def _whole(study: Path, data_dir: Path) -> Mapping[Path, Judged]:
    """The audited results of a study, by manifest, none of them broken."""
    found = audit([study], study.parent, data_dir, lambda _: ())
    findings: list[Finding] = [*found.strays, *(each for judged in found.results.values() for each in judged.findings)]
    broken = [finding.text for finding in findings if finding.verdict is Verdict.BROKEN]
    if broken:
        more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
        raise FrozenError(f"{broken[0]}{more}; only a study that lossbasins audit finds whole is frozen")
    return found.results
