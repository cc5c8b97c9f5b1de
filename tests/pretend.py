"""A pretend GPU for tests, where the device that pretends is at hand."""

import contextlib
from collections.abc import Iterator

import pytest

from benchmarks.gpu_steps.pretended import MEMORY, pretended_gpu
from tests.configurations import ROOT

FILE = ROOT.parent / "shared/gpu/pretend.py"


@contextlib.contextmanager
def pretend_gpu(free: int = MEMORY) -> Iterator[None]:
    """A machine that seems to have one GPU, with so many bytes of its memory free; skips where there can be none."""
    if not FILE.is_file():
        pytest.skip(f"no pretend GPU in {FILE}")
    with pretended_gpu(FILE, free):
        yield
