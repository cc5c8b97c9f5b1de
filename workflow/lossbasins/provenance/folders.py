"""Walks of folders of results."""

import os
from pathlib import Path


def files_below(folder: Path) -> list[Path]:
    """All files below a folder, also through links to other folders, sorted; hidden ones, which jobs leave, aside.

    Raises:
        OSError: a folder below it, or itself, cannot be read.
    """
    found: list[Path] = []
    for name, folders, files in os.walk(folder, followlinks=True, onerror=_raise):
        place = Path(name)
        folders[:] = [inner for inner in folders if not inner.startswith(".") and not _leads_back(place, inner)]
        found += [place / file for file in files if not file.startswith(".")]
    return sorted(found)


def _leads_back(place: Path, inner: str) -> bool:
    """Whether a folder is a link to one that holds it."""
    return (place / inner).is_symlink() and place.resolve().is_relative_to((place / inner).resolve())


def _raise(error: OSError) -> None:
    raise error
