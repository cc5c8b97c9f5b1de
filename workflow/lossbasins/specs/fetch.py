"""Fetch: raw images of a source, in one common format."""

from dataclasses import dataclass
from pathlib import Path

from lossbasins.specs.entries import SourceSpec


class Spec(SourceSpec):
    """Which source."""


@dataclass(frozen=True)
class Inputs:
    """The files that the options name, none for a source that brings its own."""

    raw: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Outputs:
    """Arrays train_images, train_labels, test_images, test_labels, test part optional; and a note."""

    images: Path
