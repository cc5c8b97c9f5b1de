"""Data divided into training, attack and test sets, with wrong labels for the attack set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lossbasins.data.kinds import KINDS, Inputs
from lossbasins.data.raw import RawData
from lossbasins.specs.split import SplitChoices

Integers = NDArray[np.int64]
Size = tuple[int, int]
"""Height and width in pixels."""
ROUNDING = 0.5
"""Pixels by which a scaled height or width may miss that of the same aspect."""


@dataclass(frozen=True, eq=False)
class Split:
    """Three sets in the common form of their kind, as in `RawData`, and how to normalise them."""

    kind: str
    """One of `KINDS`."""
    train_inputs: Inputs
    train_labels: Integers
    attack_inputs: Inputs
    """An attack of size n takes the first n."""
    attack_labels: Integers
    """Wrong ones: none equals the true label."""
    attack_true_labels: Integers
    test_inputs: Inputs
    test_labels: Integers
    train_index: Integers
    """Positions in the train part of the source."""
    attack_index: Integers
    """Positions in the train part of the source."""
    test_index: Integers
    """Positions in the test part of the source, or in its train part where it has no test part."""
    mean: NDArray[np.float64]
    """Of each channel or feature over the training set, shape (channels,); of images in units of value / 255. Zeros:
    not normalised. Tokens have none."""
    std: NDArray[np.float64]
    """As `mean`, standard deviation; ones where a channel is constant or nothing is normalised."""
    classes: int
    note: str
    """What tables and figures say of the data: how many of how many there are, and the note of the source."""


def make_split(raw: RawData, choices: SplitChoices, seed: int) -> Split:
    """Selects, labels and scales data.

    The training and the attack set come from the train part of the source. The test set comes from its test part, or
    from what is left of the train part where there is none. With selection `stratified` the first n of each set, for
    every n, have equal class shares within one; only `all` of a test part is taken as it comes.

    Args:
        raw: of a source.
        choices: what serves for what.
        seed: of the selection and, in a stream of its own, of the wrong labels.

    Raises:
        ValueError: the source has less, or less of some class, than the choices need, or cannot be scaled as they have
            it; one line.
    """
    size = _size(raw, choices.image_size)
    selection, test_selection, wrong = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    fitted = choices.train + choices.attack
    tested = 0 if choices.test == "all" else choices.test
    if raw.test_inputs is None or raw.test_labels is None:
        order = _order(raw, raw.train_labels, choices, fitted + tested, selection, "train part")
        test_source, test_source_labels, test_order = raw.train_inputs, raw.train_labels, order[fitted:]
    else:
        order = _order(raw, raw.train_labels, choices, fitted, selection, "train part")
        test_source, test_source_labels = raw.test_inputs, raw.test_labels
        test_order = _order(raw, test_source_labels, choices, tested, test_selection, "test part")
    if not len(test_order):
        items = KINDS[raw.kind].items
        raise ValueError(f"{_asked(choices)}: the source has {len(order)} {items}, and none is left to test on")
    train_index, attack_index = order[: choices.train], order[choices.train : fitted]
    test_index = np.sort(test_order) if choices.test == "all" else test_order[: choices.test]
    train_inputs = _scaled(raw.train_inputs[train_index], size)
    attack_true_labels = raw.train_labels[attack_index]
    mean, std = _normalisation(raw.kind, train_inputs, choices.normalisation)
    return Split(
        kind=raw.kind,
        train_inputs=train_inputs,
        train_labels=raw.train_labels[train_index],
        attack_inputs=_scaled(raw.train_inputs[attack_index], size),
        attack_labels=_wrong_labels(attack_true_labels, raw.classes, choices.wrong_labels, wrong),
        attack_true_labels=attack_true_labels,
        test_inputs=_scaled(test_source[test_index], size),
        test_labels=test_source_labels[test_index],
        train_index=train_index,
        attack_index=attack_index,
        test_index=test_index,
        mean=mean,
        std=std,
        classes=raw.classes,
        note=_note(raw, len(train_index), len(test_index), size),
    )


def _order(
    raw: RawData, labels: Integers, choices: SplitChoices, needed: int, rng: np.random.Generator, part: str
) -> Integers:
    """All positions of a part of the source, as sets take them one after another, if the first `needed` will do.

    Stratified, classes take turns, each giving its images in a drawn order; therefore any run of consecutive positions
    has equal class shares within one, until a class is used up. Rarer classes have later turns, so that this comes as
    late as it can; turns among equals are drawn.
    """
    classes, needs = raw.classes, f"{_asked(choices)}: needs {needed} {KINDS[raw.kind].items} of the {part}"
    if needed > len(labels):
        raise ValueError(f"{needs}, but the source has {len(labels)}")
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
            f"{needs} in equal class shares, up to {-(-needed // classes)} of each, "
            f"but the source has {counts.min()} of class {counts.argmin()}"
        )
    return order


def _asked(choices: SplitChoices) -> str:
    return f"train {choices.train}, attack {choices.attack}, test {choices.test} ({choices.selection})"


def _note(raw: RawData, train: int, test: int, size: Size | None) -> str:
    """Such as `512 of 60,000 training and 10,000 of 10,000 test images`, how they are stretched, the source's note."""
    available, items = f"{len(raw.train_labels):,}", KINDS[raw.kind].items
    if raw.test_labels is None:
        counts = f"{train:,} training and {test:,} test {items} of {available}"
    else:
        counts = f"{train:,} of {available} training and {test:,} of {len(raw.test_labels):,} test {items}"
    if size and not _keeps_aspect(raw, size):
        counts += f", stretched from {_pixels(raw.train_inputs.shape[1:3])} to {_pixels(size)} pixels"
    return f"{counts}. {raw.note.removesuffix('.')}" if raw.note else counts


def _wrong_labels(
    labels: Integers, classes: int, kind: Literal["uniform", "shifted"], rng: np.random.Generator
) -> Integers:
    shift = 1 if kind == "shifted" else rng.integers(1, classes, size=len(labels))
    return (labels + shift) % classes


def _size(raw: RawData, wanted: int | Size | None) -> Size | None:
    """Height and width that images are scaled to; a single number stands for both where they are square."""
    if wanted is None:
        return None
    if raw.kind != "images":
        raise ValueError(f"image_size: given {wanted}; allowed: null, since the data are {raw.kind}")
    if not isinstance(wanted, int):
        return wanted
    if not _keeps_aspect(raw, (wanted, wanted)):
        height, width = raw.train_inputs.shape[1:3]
        kept = [max(1, round(wanted * side / min(height, width))) for side in (height, width)]
        allowed = f"null, or height and width, such as {kept}, which nearly keeps their aspect"
        raise ValueError(f"image_size: given {wanted} for images of {height}x{width} pixels; allowed: {allowed}")
    return wanted, wanted


def _keeps_aspect(raw: RawData, size: Size) -> bool:
    """Within half a pixel of the new size."""
    (height, width), (new_height, new_width) = raw.train_inputs.shape[1:3], size
    scale = max(new_height / height, new_width / width)
    return bool(max(scale * height - new_height, scale * width - new_width) <= ROUNDING)


def _pixels(size: Sequence[int]) -> str:
    return "x".join(map(str, size))


def _scaled(images: Inputs, size: Size | None) -> Inputs:
    """Images of that height and width, bilinear with Pillow, which averages where it makes them smaller."""
    if size is None or images.shape[1:3] == size:
        return images
    height, width = size
    scaled = np.empty((len(images), height, width, images.shape[3]), dtype=np.uint8)
    for source, target in zip(images, scaled, strict=True):
        for channel in range(images.shape[3]):
            pixels = Image.fromarray(np.ascontiguousarray(source[..., channel]))
            target[..., channel] = np.asarray(pixels.resize((width, height), Image.Resampling.BILINEAR))
    return scaled


def _normalisation(
    kind: str, inputs: Inputs, choice: Literal["channel", "none"]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    channels = 0 if KINDS[kind].positions is None else inputs.shape[-1]
    mean, std = np.zeros(channels), np.ones(channels)
    if choice == "none" or not channels:
        return mean, std
    if kind != "images":
        values = inputs.reshape(-1, channels)
        varying = np.ptp(values, axis=0) > 0
        return values.mean(axis=0), np.where(varying, values.std(axis=0), std)
    return _normalisation_of_images(inputs)


def _normalisation_of_images(images: Inputs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From the counts of the 256 values: exact, and without a copy of the images in float64."""
    channels, values = images.shape[3], np.arange(256) / 255
    mean, std = np.zeros(channels), np.ones(channels)
    for channel in range(channels):
        shares = np.bincount(images[..., channel].ravel(), minlength=256) / images[..., channel].size
        mean[channel] = shares @ values
        if np.count_nonzero(shares) > 1:
            std[channel] = np.sqrt(shares @ (values - mean[channel]) ** 2)
    return mean, std
