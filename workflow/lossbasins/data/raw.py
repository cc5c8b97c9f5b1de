"""Raw data and labels in the one format that all sources share, checked field by field."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbasins.data.kinds import KINDS, Inputs


@dataclass(frozen=True, eq=False)
class RawData:
    """What a source has, in its order, with a train part and maybe a test part."""

    kind: str
    """One of `KINDS`."""
    train_inputs: Inputs
    """Images: uint8, 0 to 255, (n, height, width, channels). Signals: float64, (n, length, channels). Features:
    float64, (n, features). Tokens: int64 from 0 on, (n, length)."""
    train_labels: NDArray[np.int64]
    """Shape (n,), every class from 0 on occurs."""
    test_inputs: Inputs | None
    """As `train_inputs`, of the same shape but for n."""
    test_labels: NDArray[np.int64] | None
    """As `train_labels`, no class that the train part lacks."""
    files: tuple[Path, ...] = ()
    """Raw files that all was read from, besides those that the source's options name."""
    note: str = ""
    """What tables and figures must say of the data, in one line; empty where there is nothing to say."""

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.train_labels.max()) + 1


def raw_images(
    origin: Path | str,
    train_images: NDArray[Any],
    train_labels: NDArray[Any],
    test_images: NDArray[Any] | None = None,
    test_labels: NDArray[Any] | None = None,
    files: Sequence[Path] = (),
    note: str = "",
) -> RawData:
    """Images, checked: uint8, (n, height, width) or (n, height, width, channels). See `raw_data`."""
    return raw_data("images", origin, train_images, train_labels, test_images, test_labels, files, note)


def raw_data(
    kind: str,
    origin: Path | str,
    train_inputs: NDArray[Any],
    train_labels: NDArray[Any],
    test_inputs: NDArray[Any] | None = None,
    test_labels: NDArray[Any] | None = None,
    files: Sequence[Path] = (),
    note: str = "",
) -> RawData:
    """Checks arrays and brings them into the common format.

    Args:
        kind: `images`: uint8, (n, height, width) or (n, height, width, channels). `signals`: real numbers, (n, length)
            or (n, channels, length). `features`: real numbers, (n, features). `tokens`: integers, (n, length).
        origin: the file that error messages name.
        train_inputs: of that kind.
        train_labels: any integer type, shape (n,).
        test_inputs: as `train_inputs`, or None.
        test_labels: as `train_labels`, None exactly if `test_inputs` is.
        files: raw files that the arrays were read from.
        note: what tables and figures must say of the data.

    Raises:
        ValueError: a field is not as described here and in `RawData`; one line that names origin and field.
    """
    if kind not in KINDS:
        raise ValueError(f"{origin}: given kind {kind!r}; allowed: {', '.join(KINDS)}")
    given = {f"test_{kind}": test_inputs, "test_labels": test_labels}
    for present, absent in zip(given, reversed(given), strict=True):
        if given[present] is not None and given[absent] is None:
            raise ValueError(f"{origin}: {absent}: missing although {present} is given; allowed: both or neither")
    train = KINDS[kind].checked(f"{origin}: train_{kind}", train_inputs)
    labels = _labels(f"{origin}: train_labels", train_labels, f"train_{kind}", len(train))
    classes = int(labels.max()) + 1
    present_classes = np.unique(labels)
    if len(present_classes) != classes or classes < 2:
        missing = np.setdiff1d(np.arange(min(classes, len(present_classes) + 1)), present_classes)
        given_classes = f"labels up to {classes - 1}" + (f" but none is {missing[0]}" if len(missing) else "")
        raise ValueError(
            f"{origin}: train_labels: given {given_classes}; allowed: two or more classes, numbered from 0 without gaps"
        )
    if test_inputs is None or test_labels is None:
        return RawData(kind, train, labels, None, None, tuple(files), note)
    test = KINDS[kind].checked(f"{origin}: test_{kind}", test_inputs)
    if test.shape[1:] != train.shape[1:]:
        raise ValueError(
            f"{origin}: test_{kind}: given {KINDS[kind].items} of shape {test.shape[1:]}; allowed: {train.shape[1:]}, "
            f"as in train_{kind}"
        )
    test_classes = _labels(f"{origin}: test_labels", test_labels, f"test_{kind}", len(test), classes)
    return RawData(kind, train, labels, test, test_classes, tuple(files), note)


def _labels(field: str, labels: NDArray[Any], inputs: str, count: int, classes: int | None = None) -> NDArray[np.int64]:
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{field}: given dtype {labels.dtype}; allowed: integers")
    if labels.shape != (count,):
        raise ValueError(f"{field}: given shape {labels.shape}; allowed: ({count},), one label for each of {inputs}")
    highest = np.iinfo(np.int64).max - 1 if classes is None else classes - 1
    outside = labels[(labels < 0) | (labels > highest)]
    if len(outside):
        allowed = "0 and above" if classes is None else f"0 to {highest}, the classes of train_labels"
        raise ValueError(f"{field}: given label {outside[0]}; allowed: {allowed}")
    return labels.astype(np.int64)
