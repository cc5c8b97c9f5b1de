"""Histories: the manifests from a result down to raw files, and where their files lie now."""

import importlib.metadata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lossbasins.provenance.manifest import SUFFIX, Manifest, Read, Written, is_made_up, is_sealed

SOURCE = "source"
"""The name of inputs that a stage found by itself; their manifests hold no folder."""


@dataclass(frozen=True)
class Input:
    """A file that a job read."""

    read: Read
    file: Path | None
    """Where it lies now; None for the raw file of a source that is not to be found."""
    maker: Path | None
    """The manifest beside it that lists it."""


@dataclass(frozen=True)
class Result:
    """What one job left."""

    path: Path
    """Of its manifest."""
    manifest: Manifest | None
    """None if the file is no manifest."""
    sealed: bool
    """Whether nobody has edited the manifest since."""
    outputs: tuple[tuple[Written, Path], ...]
    """Each with where it lies now."""
    inputs: tuple[Input, ...]

    @property
    def tampering(self) -> str | None:
        """What is amiss with the manifest itself; None if it is as a job wrote it."""
        if self.manifest is None:
            return f"{shown(self.path)}: truncated or no manifest"
        if not self.sealed:
            return f"{shown(self.path)}: the manifest was edited"
        if is_made_up(self.manifest):
            return f"{shown(self.path)}: the manifest was made up; its id is not that of what it records"
        return None


class Histories:
    """The results of folders, each manifest read once.

    Args:
        data_dir: folder of the downloads, where raw files are looked for.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._results: dict[Path, Result] = {}
        self._manifests: dict[Path, Mapping[Path, tuple[Manifest | None, bool]]] = {}
        self._makers: dict[Path, Mapping[str, Path]] = {}

    def maker(self, file: Path) -> Path | None:
        """The manifest beside a file that lists it; None where there is none."""
        if file.parent not in self._makers:
            self._makers[file.parent] = {
                Path(output.path).name: path
                for path, (manifest, _) in self._beside(file.parent).items()
                if manifest
                for output in manifest.outputs
            }
        return self._makers[file.parent].get(file.name)

    def result(self, path: Path) -> Result:
        """What the manifest of this absolute path records."""
        if path not in self._results:
            self._results[path] = self._located(path)
        return self._results[path]

    def closure(self, roots: Iterable[Path]) -> dict[Path, Result]:
        """The results of these manifests and all that they were made from, by manifest."""
        found: dict[Path, Result] = {}
        waiting = list(roots)
        while waiting:
            path = waiting.pop()
            if path not in found:
                found[path] = self.result(path)
                waiting += [given.maker for given in found[path].inputs if given.maker]
        return found

    def _beside(self, folder: Path) -> Mapping[Path, tuple[Manifest | None, bool]]:
        if folder not in self._manifests:
            self._manifests[folder] = {path: _parsed(path) for path in sorted(folder.glob(f"*{SUFFIX}"))}
        return self._manifests[folder]

    def _located(self, path: Path) -> Result:
        manifest, sealed = self._beside(path.parent).get(path, (None, False))
        if manifest is None:
            return Result(path, None, sealed=False, outputs=(), inputs=())
        outputs = tuple((output, path.parent / Path(output.path).name) for output in manifest.outputs)
        recorded = Path(manifest.outputs[0].path).parent if manifest.outputs else path.parent
        inputs = tuple(self._input(read, manifest, recorded, path.parent) for read in manifest.inputs)
        return Result(path, manifest, sealed, outputs, inputs)

    def _input(self, read: Read, manifest: Manifest, recorded: Path, present: Path) -> Input:
        if read.name == SOURCE:
            return Input(read, self._source(read.path, manifest), None)
        file = moved(Path(read.path), recorded, present)
        return Input(read, file, self.maker(file))

    def _source(self, name: str, manifest: Manifest) -> Path | None:
        """A raw file, among the downloads or in a package that brings it along."""
        for file in sorted((self._data_dir / str(manifest.spec.get("source", ""))).rglob("*")):
            if file.name == name:
                return file.absolute()
        return next(filter(None, (_packaged(distribution, name) for distribution in manifest.versions)), None)


def known(result: Result) -> Manifest:
    """The manifest of a result.

    Raises:
        ValueError: it cannot be read, was edited or made up; one line.
    """
    if result.manifest is None or result.tampering:
        raise ValueError(f"{result.tampering}; lossbasins audit says more")
    return result.manifest


def moved(file: Path, recorded: Path, present: Path) -> Path:
    """Where a file lies now, if its tree moved as one of its folders did.

    Args:
        file: recorded path.
        recorded: recorded path of a folder of the same tree.
        present: absolute path of that folder now.

    Returns:
        An absolute path; files outside the tree that moved, and those that lay already where it is now, are looked for
        from the working directory.
    """
    old, new = recorded, present
    while old.name and old.name == new.name:
        old, new = old.parent, new.parent
    stayed = not file.is_relative_to(old) or file.absolute().is_relative_to(new)
    return file.absolute() if stayed else new / file.relative_to(old)


def shown(path: Path) -> str:
    """A path as seen from the working directory."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


@cache
def _packaged(distribution: str, name: str) -> Path | None:
    """A file of that name which an installed package brings along."""
    try:
        installed = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
    files = (line.partition(",")[0] for line in (installed.read_text("RECORD") or "").splitlines())
    found = next((file for file in files if file.endswith(f"/{name}")), None)
    return Path(str(installed.locate_file(found))) if found else None


def _parsed(path: Path) -> tuple[Manifest | None, bool]:
    try:
        text = path.read_bytes().decode()
        return Manifest.model_validate_json(text), is_sealed(text)
    except ValueError:
        return None, False
