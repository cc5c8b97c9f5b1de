"""Raw images and labels in the one format that all sources share, checked field by field."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_CHANNELS = 4
"""More than this in the last axis means that channels are not last."""


@dataclass(frozen=True, eq=False)
class RawImages:
    """The images of a source, in its order, with a train part and maybe a test part."""

    train_images: NDArray[np.uint8]
    """Shape (n, height, width, channels), 0 to 255."""
    train_labels: NDArray[np.int64]
    """Shape (n,), every class from 0 on occurs."""
    test_images: NDArray[np.uint8] | None
    """As `train_images`, with the same height, width and channels."""
    test_labels: NDArray[np.int64] | None
    """As `train_labels`, no class that the train part lacks."""
    files: tuple[Path, ...] = ()
    """Raw files that the images were read from, besides those that the source's options name."""
    note: str = ""
    """What tables and figures must say of the images, in one line; empty where there is nothing to say."""

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
) -> RawImages:
    """Checks arrays and brings them into the common format.

    Args:
        origin: the file that error messages name.
        train_images: uint8, shape (n, height, width) or (n, height, width, channels).
        train_labels: any integer type, shape (n,).
        test_images: as `train_images`, or None.
        test_labels: as `train_labels`, None exactly if `test_images` is.
        files: raw files that the arrays were read from.
        note: what tables and figures must say of the images.

    Raises:
        ValueError: a field is not as described here and in `RawImages`; one line that names origin and field.
    """
    for present, absent in (("test_images", "test_labels"), ("test_labels", "test_images")):
        given = {"test_images": test_images, "test_labels": test_labels}
        if given[present] is not None and given[absent] is None:
            raise ValueError(f"{origin}: {absent}: missing although {present} is given; allowed: both or neither")
    train = _images(f"{origin}: train_images", train_images)
    labels = _labels(f"{origin}: train_labels", train_labels, "train_images", len(train))
    classes = int(labels.max()) + 1
    present_classes = np.unique(labels)
    if len(present_classes) != classes or classes < 2:
        missing = np.setdiff1d(np.arange(min(classes, len(present_classes) + 1)), present_classes)
        given_classes = f"labels up to {classes - 1}" + (f" but none is {missing[0]}" if len(missing) else "")
        raise ValueError(
            f"{origin}: train_labels: given {given_classes}; allowed: two or more classes, numbered from 0 without gaps"
        )
    if test_images is None or test_labels is None:
        return RawImages(train, labels, None, None, tuple(files), note)
    test = _images(f"{origin}: test_images", test_images)
    if test.shape[1:] != train.shape[1:]:
        raise ValueError(
            f"{origin}: test_images: given images of shape {test.shape[1:]}; allowed: {train.shape[1:]}, "
            "as in train_images"
        )
    test_classes = _labels(f"{origin}: test_labels", test_labels, "test_images", len(test), classes)
    return RawImages(train, labels, test, test_classes, tuple(files), note)


def _images(field: str, images: NDArray[Any]) -> NDArray[np.uint8]:
    if images.dtype != np.uint8:
        nan = " with NaN" if images.dtype.kind in "fc" and np.isnan(images).any() else ""
        raise ValueError(f"{field}: given dtype {images.dtype}{nan}; allowed: uint8, from 0 to 255")
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or 0 in images.shape or images.shape[3] > MOST_CHANNELS:
        raise ValueError(
            f"{field}: given shape {images.shape}; allowed: (n, height, width) or (n, height, width, channels) "
            f"with n, height, width of at least 1 and 1 to {MOST_CHANNELS} channels"
        )
    return np.ascontiguousarray(images)


def _labels(field: str, labels: NDArray[Any], images: str, count: int, classes: int | None = None) -> NDArray[np.int64]:
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{field}: given dtype {labels.dtype}; allowed: integers")
    if labels.shape != (count,):
        raise ValueError(f"{field}: given shape {labels.shape}; allowed: ({count},), one label for each of {images}")
    highest = np.iinfo(np.int64).max - 1 if classes is None else classes - 1
    outside = labels[(labels < 0) | (labels > highest)]
    if len(outside):
        allowed = "0 and above" if classes is None else f"0 to {highest}, the classes of train_labels"
        raise ValueError(f"{field}: given label {outside[0]}; allowed: {allowed}")
    return labels.astype(np.int64)
