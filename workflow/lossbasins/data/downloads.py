"""Data sets that torchvision knows: downloaded once, and each raw file checked before it is read."""

import contextlib
import http.client
import io
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError

from filelock import FileLock
from numpy.typing import NDArray

from lossbasins.data.raw import RawData, raw_images

PATIENCE = 20.0
"""Seconds that a server may stay silent."""
UNREACHABLE = (RuntimeError, URLError, TimeoutError, ConnectionError, http.client.HTTPException)

Arrays = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]
"""Train images and labels, test images and labels, as `raw_images` takes them."""


def downloaded(raw: Path, name: str, files: Sequence[str], read: Callable[[Path], Arrays], within: str = "") -> RawData:
    """Reads a data set, downloading those of its files that are not yet in a folder.

    Args:
        raw: where its raw files are kept; jobs that ask at the same time wait for each other.
        name: of the data set, for errors.
        files: names of its raw files, packed as they are published.
        read: has torchvision download what is missing under a root, check all files and read them.
        within: where under that root torchvision keeps the raw files.

    Raises:
        ValueError: a file is missing or is not the data set's, and cannot be downloaded; one line.
    """
    raw.mkdir(parents=True, exist_ok=True)
    kept = [raw / file for file in files]
    # Elsewhere, because torchvision trusts files that are unpacked already; here each packed one is checked.
    with FileLock(raw / "download.lock"), tempfile.TemporaryDirectory(dir=raw) as elsewhere:
        checked = Path(elsewhere) / within
        checked.mkdir(parents=True, exist_ok=True)
        for file in kept:
            if file.is_file():
                shutil.copyfile(file, checked / file.name)
        try:
            with _quiet(), _impatient():
                arrays = read(Path(elsewhere))
        except UNREACHABLE as error:
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{raw}: {name} is not complete there and cannot be downloaded; put these files into that folder: "
                f"{', '.join(files)} ({reason})"
            ) from None
        for file in kept:
            (checked / file.name).replace(file)
    return raw_images(raw, *arrays, files=kept)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
