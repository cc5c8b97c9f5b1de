"""Images divided into training, attack and test sets, with wrong labels for the attack set."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lossbasins.data.images import RawImages
from lossbasins.specs.split import SplitChoices

Images = NDArray[np.uint8]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Three sets of images, (n, height, width, channels) with values 0 to 255, and how to normalise them."""

    train_images: Images
    train_labels: Integers
    attack_images: Images
    """An attack of size n takes the first n."""
    attack_labels: Integers
    """Wrong ones: none equals the true label."""
    attack_true_labels: Integers
    test_images: Images
    test_labels: Integers
    train_index: Integers
    """Positions in the train part of the source."""
    attack_index: Integers
    """Positions in the train part of the source."""
    test_index: Integers
    """Positions in the test part of the source, or in its train part where it has no test part."""
    mean: NDArray[np.float64]
    """Of each channel over the training images, shape (channels,), in units of value / 255; zeros: not normalised."""
    std: NDArray[np.float64]
    """As `mean`, standard deviation; ones where a channel is constant or images are not normalised."""
    classes: int
    note: str
    """What tables and figures say of the images: how many of how many there are, and the note of the source."""


def make_split(images: RawImages, choices: SplitChoices, seed: int) -> Split:
    """Selects, labels and scales images.

    Training and attack images come from the train part of the source. Test images come from its test part, or from
    what is left of the train part where there is none. With selection `stratified` the first n images of each set,
    for every n, have equal class shares within one image; only `all` test images are taken as they come.

    Args:
        images: of a source.
        choices: which images serve for what.
        seed: of the selection and, in a stream of its own, of the wrong labels.

    Raises:
        ValueError: the source has fewer images, or fewer of some class, than the choices need; one line.
    """
    selection, test_selection, wrong = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    fitted = choices.train + choices.attack
    tested = 0 if choices.test == "all" else choices.test
    if images.test_images is None or images.test_labels is None:
        order = _order(images.train_labels, images.classes, choices, fitted + tested, selection, "train part")
        test_source, test_source_labels, test_order = images.train_images, images.train_labels, order[fitted:]
    else:
        order = _order(images.train_labels, images.classes, choices, fitted, selection, "train part")
        test_source, test_source_labels = images.test_images, images.test_labels
        test_order = _order(test_source_labels, images.classes, choices, tested, test_selection, "test part")
    if not len(test_order):
        raise ValueError(f"{_asked(choices)}: the source has {len(order)} images, and none is left to test on")
    train_index, attack_index = order[: choices.train], order[choices.train : fitted]
    test_index = np.sort(test_order) if choices.test == "all" else test_order[: choices.test]
    train_images = _scaled(images.train_images[train_index], choices.image_size)
    attack_true_labels = images.train_labels[attack_index]
    mean, std = _normalisation(train_images, choices.normalisation)
    return Split(
        train_images=train_images,
        train_labels=images.train_labels[train_index],
        attack_images=_scaled(images.train_images[attack_index], choices.image_size),
        attack_labels=_wrong_labels(attack_true_labels, images.classes, choices.wrong_labels, wrong),
        attack_true_labels=attack_true_labels,
        test_images=_scaled(test_source[test_index], choices.image_size),
        test_labels=test_source_labels[test_index],
        train_index=train_index,
        attack_index=attack_index,
        test_index=test_index,
        mean=mean,
        std=std,
        classes=images.classes,
        note=_note(images, len(train_index), len(test_index)),
    )


def _order(
    labels: Integers, classes: int, choices: SplitChoices, needed: int, rng: np.random.Generator, part: str
) -> Integers:
    """All positions of a part of the source, as sets take them one after another, if the first `needed` will do.

    Stratified, classes take turns, each giving its images in a drawn order; therefore any run of consecutive positions
    has equal class shares within one, until a class is used up. Rarer classes have later turns, so that this comes as
    late as it can; turns among equals are drawn.
    """
    if needed > len(labels):
        raise ValueError(f"{_asked(choices)}: needs {needed} images of the {part}, but the source has {len(labels)}")
    if choices.selection == "first":
        return np.arange(len(labels))
    counts = np.bincount(labels, minlength=classes)
    turn = np.empty(classes, dtype=np.int64)
    turn[np.lexsort((rng.permutation(classes), -counts))] = np.arange(classes)
    shuffled = rng.permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    turns_before = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    order = by_class[np.lexsort((turn[labels[by_class]], turns_before))]
    if np.ptp(np.bincount(labels[order[:needed]], minlength=classes)) > 1:
        raise ValueError(
            f"{_asked(choices)}: needs {needed} images of the {part} in equal class shares, up to "
            f"{-(-needed // classes)} of each, but the source has {counts.min()} of class {counts.argmin()}"
        )
    return order


def _asked(choices: SplitChoices) -> str:
    return f"train {choices.train}, attack {choices.attack}, test {choices.test} ({choices.selection})"


def _note(images: RawImages, train: int, test: int) -> str:
    """Such as `512 of 60,000 training and 10,000 of 10,000 test images`, and the note of the source."""
    available = f"{len(images.train_labels):,}"
    if images.test_labels is None:
        counts = f"{train:,} training and {test:,} test images of {available}"
    else:
        counts = f"{train:,} of {available} training and {test:,} of {len(images.test_labels):,} test images"
    return f"{counts}. {images.note.removesuffix('.')}" if images.note else counts


def _wrong_labels(
    labels: Integers, classes: int, kind: Literal["uniform", "shifted"], rng: np.random.Generator
) -> Integers:
    shift = 1 if kind == "shifted" else rng.integers(1, classes, size=len(labels))
    return (labels + shift) % classes


def _scaled(images: Images, size: int | None) -> Images:
    """Images of shape (n, size, size, channels), bilinear with Pillow, which averages where it makes them smaller."""
    if size is None or images.shape[1:3] == (size, size):
        return images
    scaled = np.empty((len(images), size, size, images.shape[3]), dtype=np.uint8)
    for source, target in zip(images, scaled, strict=True):
        for channel in range(images.shape[3]):
            pixels = Image.fromarray(np.ascontiguousarray(source[..., channel]))
            target[..., channel] = np.asarray(pixels.resize((size, size), Image.Resampling.BILINEAR))
    return scaled


def _normalisation(images: Images, kind: Literal["channel", "none"]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    channels = images.shape[3]
    mean, std = np.zeros(channels), np.ones(channels)
    if kind == "none":
        return mean, std
    values = np.arange(256) / 255
    for channel in range(channels):
        shares = np.bincount(images[..., channel].ravel(), minlength=256) / images[..., channel].size
        mean[channel] = shares @ values
        if np.count_nonzero(shares) > 1:
            std[channel] = np.sqrt(shares @ (values - mean[channel]) ** 2)
    return mean, std
