"""MNIST: 60,000 and 10,000 handwritten digits of 28x28 pixels, downloaded once by torchvision."""

import contextlib
import http.client
import io
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

from filelock import FileLock
from torchvision.datasets import MNIST

from lossbasins.data.images import RawImages, raw_images

PATIENCE = 20.0
"""Seconds that a server may stay silent."""
UNREACHABLE = (RuntimeError, URLError, TimeoutError, ConnectionError, http.client.HTTPException)


def load(folder: Path) -> RawImages:
    """Reads MNIST, downloading those of its four files that are not yet in `MNIST/raw` of the folder.

    Args:
        folder: where the downloads are kept; jobs that ask at the same time wait for each other.

    Raises:
        ValueError: a file is missing or is not MNIST's, and cannot be downloaded; one line.
    """
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    files = [raw / name for name, _ in MNIST.resources]
    # Elsewhere, because torchvision trusts files that are unpacked already; here each packed one is checked.
    with FileLock(folder / "download.lock"), tempfile.TemporaryDirectory(dir=folder) as elsewhere:
        checked = Path(elsewhere) / "MNIST" / "raw"
        checked.mkdir(parents=True)
        for file in files:
            if file.is_file():
                shutil.copyfile(file, checked / file.name)
        try:
            with _quiet(), _impatient():
                train, test = (MNIST(elsewhere, train=part, download=True) for part in (True, False))
        except UNREACHABLE as error:
            names = ", ".join(file.name for file in files)
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{raw}: MNIST is not complete there and cannot be downloaded; put these files into that folder: "
                f"{names} ({reason})"
            ) from None
        for file in files:
            (checked / file.name).replace(file)
    return raw_images(
        raw, train.data.numpy(), train.targets.numpy(), test.data.numpy(), test.targets.numpy(), files=files
    )


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
