"""Cuts the files that svhn.yaml and cifar10.yaml read from the official ones: python studies/subsets.py."""

import sys
from collections.abc import Callable
from pathlib import Path

from lossbasins.data.raw import RawData
from lossbasins.data.sources import cifar10, svhn
from lossbasins.stages.arrays import write_raw
from lossbasins.stages.temporary import beside

FOLDER = Path("data")


def svhn_subset(official: RawData) -> RawData:
    """The first digits of its training part, of which the last 282 test: no house is in both parts."""
    return RawData(
        kind=official.kind,
        train_inputs=official.train_inputs[:801],
        train_labels=official.train_labels[:801],
        test_inputs=official.train_inputs[801:1083],
        test_labels=official.train_labels[801:1083],
        note=(
            "ALL images come from the official SVHN TRAIN file train_32x32.mat (positions 0..1082). test_* is a "
            "held-out part of it (disjoint house pictures), NOT the official SVHN test split. Label 0 = digit 0 "
            "(official files write 10)."
        ),
    )


def cifar10_subset(official: RawData) -> RawData:
    """The first photographs of both its parts."""
    assert official.test_inputs is not None
    assert official.test_labels is not None
    return RawData(
        kind=official.kind,
        train_inputs=official.train_inputs[:15000],
        train_labels=official.train_labels[:15000],
        test_inputs=official.test_inputs[:1017],
        test_labels=official.test_labels[:1017],
        note=(
            "CIFAR-10, pixel-exact: train_images are positions 0..14999 of the official training set in order, "
            "test_images positions 0..1016 of the official test set. A subset: never report it as all of CIFAR-10."
        ),
    )


def make(name: str, load: Callable[[Path], RawData], subset: Callable[[RawData], RawData]) -> None:
    """Writes one file, whole or not at all."""
    try:
        official = load(FOLDER / name)
    except ValueError as error:
        sys.exit(f"subsets: {error}")
    file = FOLDER / f"{name}-subset.npz"
    temporary = beside(file)
    try:
        write_raw(temporary, subset(official))
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    print(file)


if __name__ == "__main__":
    make("svhn", svhn.load, svhn_subset)
    make("cifar10", cifar10.load, cifar10_subset)
