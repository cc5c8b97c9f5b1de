"""Frozen results: a copy of a study to keep, without the files that are too large, and a sealed list of those."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from lossbasins.provenance.manifest import SUFFIX, is_sealed, read_manifest, sealed_text

INDEX = "frozen.json"
LEFT_OUT = "left_out"


class FrozenError(ValueError):
    """Results cannot be frozen, or were changed since; the message is one line."""


def freeze(study: Path, folder: Path, leave_out: Sequence[str]) -> int:
    """Copies all results of a study with their manifests, but for what matches a pattern; lists what that left out.

    Args:
        study: folder of the study's results.
        folder: made anew; a manifest stands in it for each file, kept or not.
        leave_out: patterns of file names, such as `*.safetensors`.

    Returns:
        The number of files left out.

    Raises:
        FrozenError: there is nothing to freeze, a result is not there, or the folder exists or lies in the study.
    """
    manifests = sorted(study.rglob(f"*{SUFFIX}"))
    if not manifests:
        raise FrozenError(f"{study}: no manifests in it; give the folder of a study, such as results/digits")
    if folder.exists():
        raise FrozenError(f"{folder}: exists; remove it or give another folder")
    if folder.resolve().is_relative_to(study.resolve()):
        raise FrozenError(f"{folder}: lies in the study itself; give a folder outside of {study}")
    kept, left_out = list(manifests), {}
    for manifest in manifests:
        for output in read_manifest(manifest).outputs:
            file = manifest.parent / Path(output.path).name
            if any(file.match(pattern) for pattern in leave_out):
                left_out[file.relative_to(study).as_posix()] = output.sha256
            else:
                kept.append(file)
    if missing := [file for file in kept if not file.is_file()]:
        raise FrozenError(
            f"{missing[0]}: not there; give the folder of one study that is whole, such as results/digits"
        )
    for file in kept:
        here = folder / file.parent.relative_to(study)
        here.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, here)
    (folder / INDEX).write_text(sealed_text({LEFT_OUT: left_out}), encoding="utf-8")
    return len(left_out)


def frozen_root(folder: Path) -> Path | None:
    """The nearest folder from this one upwards that holds a list of what was left out; None if there is none."""
    if (folder / INDEX).is_file():
        return folder
    return None if folder == folder.parent else frozen_root(folder.parent)


def left_out_of(root: Path) -> Mapping[str, str]:
    """The digest of each file that was left out, by path relative to the frozen folder.

    Raises:
        FrozenError: the list was edited.
    """
    text = (root / INDEX).read_text(encoding="utf-8", errors="replace")
    if not is_sealed(text):
        raise FrozenError(f"{root / INDEX}: edited since it was written")
    listed: dict[str, str] = json.loads(text)[LEFT_OUT]
    return listed
