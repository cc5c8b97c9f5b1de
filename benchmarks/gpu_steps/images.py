"""The images that all steps use: MNIST from its official files or, for a rehearsal without them, drawn ones."""

import gzip
from functools import cache
from pathlib import Path

import numpy as np
import torch

from lossbasins.data.raw import RawData
from lossbasins.data.sources import npz
from lossbasins.data.split import Split, make_split
from lossbasins.data.tensors import attack_part, train_part
from lossbasins.specs.split import SplitChoices
from lossbasins.training.objective import Problem

FILES = {
    "train_images": "train-images-idx3-ubyte.gz",
    "train_labels": "train-labels-idx1-ubyte.gz",
    "test_images": "t10k-images-idx3-ubyte.gz",
    "test_labels": "t10k-labels-idx1-ubyte.gz",
}
ARCHIVE = "images.npz"
"""In the scratch folder, as the source `npz` reads it."""
DRAWN = {"train": 2000, "test": 500}


def write_archive(folder: Path | None, scratch: Path) -> str:
    """Writes the archive, and says what it holds.

    Args:
        folder: with MNIST's four official files somewhere in it; None draws images.
        scratch: where the archive goes.

    Raises:
        ValueError: a file is not there; one line.
    """
    arrays = _drawn() if folder is None else {name: _official(folder, file) for name, file in FILES.items()}
    np.savez(scratch / ARCHIVE, **arrays)
    return "drawn images" if folder is None else "MNIST"


def problem(scratch: Path, train: int, attack: int = 0, weight: float = 0.0, device: str = "cuda") -> Problem:
    """The first images of the archive in float32.

    Args:
        scratch: where the archive is.
        train: how many train.
        attack: how many of those after them attack.
        weight: gamma.
        device: where the tensors are.
    """
    parts = split(scratch, train, attack)
    attacking = attack_part(parts, attack, torch.float32, device) if attack else None
    return Problem(train_part(parts, torch.float32, device), attacking, weight)


@cache
def split(scratch: Path, train: int, attack: int = 0) -> Split:
    """The first images of the archive train, those after them attack, and all test images test."""
    return make_split(_images(scratch), SplitChoices(selection="first", train=train, attack=attack), seed=0)


@cache
def _images(scratch: Path) -> RawData:
    return npz.load(scratch, path=str(scratch / ARCHIVE))


def _official(folder: Path, name: str) -> np.ndarray:
    path = next(folder.rglob(name), None)
    if path is None:
        raise ValueError(f"{folder}: no {name} in it; name a folder that holds MNIST's official files")
    content = gzip.decompress(path.read_bytes())
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def _drawn() -> dict[str, np.ndarray]:
    """Ten coarse patterns under noise: easy to tell apart."""
    rng = np.random.default_rng(0)
    patterns = np.kron(rng.integers(0, 2, (10, 7, 7)), np.ones((4, 4)))
    arrays = {}
    for part, count in DRAWN.items():
        labels = np.arange(count) % 10
        noisy = 160 * patterns[labels] + rng.normal(48, 40, (count, 28, 28))
        arrays |= {f"{part}_images": noisy.clip(0, 255).astype(np.uint8), f"{part}_labels": labels}
    return arrays
