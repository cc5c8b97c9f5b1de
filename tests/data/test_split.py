import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from scipy import ndimage, stats

from lossbasins.data.raw import raw_images
from lossbasins.data.split import make_split
from lossbasins.specs.split import SplitChoices
from tests.data.arrays import pictures, sources

SEEDS = st.integers(0, 2**63)
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shares(labels, classes):
    return np.bincount(labels, minlength=classes)


def same(first, second):
    return all(np.array_equal(getattr(first, f.name), getattr(second, f.name)) for f in dataclasses.fields(first))


def many(count=3000, classes=10):
    return raw_images("here", pictures(count, 2, 2), np.arange(count) % classes)


@st.composite
def choices_for(draw, raw, selection=None):
    """Choices that the source has images enough for, whatever their classes."""
    available = len(raw.train_labels)
    train = draw(st.integers(1, available))
    attack = draw(st.integers(0, available - train))
    left = available - train - attack if raw.test_labels is None else len(raw.test_labels)
    assume(left)
    return SplitChoices(
        train=train,
        attack=attack,
        test=draw(st.one_of(st.just("all"), st.integers(1, left))),
        selection=selection or draw(st.sampled_from(["first", "stratified"])),
        wrong_labels=draw(st.sampled_from(["uniform", "shifted"])),
    )


def split_or_skip(raw, choices, seed):
    """The split, unless a class is too rare for equal shares."""
    try:
        return make_split(raw, choices, seed)
    except ValueError as error:
        if choices.selection == "first" or "equal class shares" not in str(error):
            raise
        return reject()


@UNTIMED
@given(st.data(), sources(), SEEDS)
def test_sets_are_disjoint_complete_and_what_the_index_says(data, raw, seed):
    choices = data.draw(choices_for(raw))
    split = split_or_skip(raw, choices, seed)
    own_test = raw.test_inputs is not None
    test_images, test_labels = (raw.test_inputs, raw.test_labels) if own_test else (raw.train_inputs, raw.train_labels)
    used = np.concatenate([split.train_index, split.attack_index] + [split.test_index] * (not own_test))
    assert len(np.unique(used)) == len(used)
    assert len(np.unique(split.test_index)) == len(split.test_index)
    whole = len(test_labels) - (0 if own_test else choices.train + choices.attack)
    expected = (choices.train, choices.attack, whole if choices.test == "all" else choices.test)
    assert (len(split.train_labels), len(split.attack_labels), len(split.test_labels)) == expected
    np.testing.assert_array_equal(split.train_inputs, raw.train_inputs[split.train_index])
    np.testing.assert_array_equal(split.train_labels, raw.train_labels[split.train_index])
    np.testing.assert_array_equal(split.attack_inputs, raw.train_inputs[split.attack_index])
    np.testing.assert_array_equal(split.attack_true_labels, raw.train_labels[split.attack_index])
    np.testing.assert_array_equal(split.test_inputs, test_images[split.test_index])
    np.testing.assert_array_equal(split.test_labels, test_labels[split.test_index])
    assert split.classes == raw.train_labels.max() + 1


@UNTIMED
@given(st.data(), sources(), SEEDS)
def test_wrong_labels_are_wrong_and_are_classes(data, raw, seed):
    choices = data.draw(choices_for(raw))
    split = split_or_skip(raw, choices, seed)
    assert (split.attack_labels != split.attack_true_labels).all()
    assert set(split.attack_labels) <= set(range(split.classes))
    if choices.wrong_labels == "shifted":
        assert set((split.attack_labels - split.attack_true_labels) % split.classes) <= {1}


@UNTIMED
@given(st.data(), sources(), SEEDS)
def test_stratified_sets_and_their_beginnings_have_equal_shares_within_one(data, raw, seed):
    choices = data.draw(choices_for(raw, selection="stratified"))
    split = split_or_skip(raw, choices, seed)
    sets = [split.train_labels, split.attack_true_labels]
    if choices.test != "all":
        sets.append(split.test_labels)
    for labels in sets:
        size = data.draw(st.integers(0, len(labels)))
        for some in (labels, labels[:size]):
            assert np.ptp(shares(some, split.classes)) <= 1


@UNTIMED
@given(st.data(), sources(test_part=False), SEEDS)
def test_stratified_fails_only_where_equal_shares_are_impossible(data, raw, seed):
    choices = data.draw(choices_for(raw, selection="stratified"))
    needed = choices.train + choices.attack + (0 if choices.test == "all" else choices.test)
    there = shares(raw.train_labels, raw.classes)
    each, more = divmod(needed, raw.classes)
    possible = there.min() >= each and (there > each).sum() >= more
    if possible:
        make_split(raw, choices, seed)
    else:
        rarest = rf"the source has {there.min()} of class {there.argmin()}$"
        with pytest.raises(ValueError, match=rf"^train {choices.train}, .*needs {needed} images.*{rarest}"):
            make_split(raw, choices, seed)


@UNTIMED
@given(sources(test_part=True), SEEDS)
def test_first_takes_images_in_the_order_of_the_source(raw, seed):
    count = len(raw.train_labels)
    split = make_split(raw, SplitChoices(selection="first", train=count - 1, attack=1, test=1), seed)
    assert split.train_index.tolist() == list(range(count - 1))
    assert split.attack_index.tolist() == [count - 1]
    assert split.test_index.tolist() == [0]


@UNTIMED
@given(SEEDS)
def test_the_seed_alone_decides(seed):
    raw, choices = many(300), SplitChoices(train=100, attack=100, test=50)
    split = make_split(raw, choices, seed)
    assert same(split, make_split(raw, choices, seed))
    other = make_split(raw, choices, seed + 1)
    for field in ("train_index", "attack_index", "test_index", "attack_labels"):
        assert not np.array_equal(getattr(split, field), getattr(other, field))


def test_the_kind_of_wrong_labels_changes_no_selection_and_the_selection_no_wrong_shifts():
    raw = many()
    uniform, shifted = (
        make_split(raw, SplitChoices(train=100, attack=500, test=100, wrong_labels=kind), 7)
        for kind in ("uniform", "shifted")
    )
    np.testing.assert_array_equal(uniform.attack_index, shifted.attack_index)
    np.testing.assert_array_equal(uniform.test_index, shifted.test_index)
    first = make_split(raw, SplitChoices(selection="first", train=100, attack=500), 7)
    np.testing.assert_array_equal(
        (uniform.attack_labels - uniform.attack_true_labels) % 10, (first.attack_labels - first.attack_true_labels) % 10
    )


def test_uniform_wrong_labels_are_uniform_for_every_true_label():
    raw, choices = many(40000, 5), SplitChoices(train=1, attack=30000)
    statistics = []
    for seed in range(20):
        split = make_split(raw, choices, seed)
        for true in range(5):
            drawn = shares(split.attack_labels[split.attack_true_labels == true], 5)
            assert drawn[true] == 0
            statistics.append(stats.chisquare(np.delete(drawn, true)).statistic)
    # 100 independent statistics of 3 degrees of freedom each; too small a sum would be as suspicious as too large.
    assert 1e-3 < stats.chi2.sf(sum(statistics), 300) < 1 - 1e-3


def test_stratified_selection_takes_every_image_equally_often():
    raw = many(60, 3)
    times = sum(shares(make_split(raw, SplitChoices(train=20, attack=10), seed).train_index, 60) for seed in range(600))
    # Draws without replacement: their chi-square statistic, divided by 1 - 20/60, is one of independent draws.
    statistic = ((times - 200) ** 2 / 200).sum() / (1 - 20 / 60)
    assert 1e-3 < stats.chi2.sf(statistic, 59) < 1 - 1e-3


SMALL = raw_images("here", pictures(12), np.arange(12) % 3, pictures(6), np.arange(6) % 3)
NO_TEST = raw_images("here", pictures(12), np.arange(12) % 3)
RARE = raw_images("here", pictures(12), np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2]))


@pytest.mark.parametrize(
    ("raw", "choices", "line"),
    [
        (SMALL, {"train": 10, "attack": 3}, "needs 13 images of the train part, but the source has 12"),
        (SMALL, {"train": 3, "attack": 3, "test": 7}, "needs 7 images of the test part, but the source has 6"),
        (NO_TEST, {"train": 6, "attack": 3, "test": 4}, "needs 13 images of the train part, but the source has 12"),
        (NO_TEST, {"train": 9, "attack": 3}, "the source has 12 images, and none is left to test on"),
        (RARE, {"train": 3, "attack": 3}, "up to 2 of each, but the source has 1 of class 2"),
    ],
)
def test_too_few_images_get_one_line_that_says_what_was_asked_and_what_is_there(raw, choices, line):
    choices = SplitChoices(**choices)
    asked = f"train {choices.train}, attack {choices.attack}, test {choices.test} \\(stratified\\)"
    with pytest.raises(ValueError, match=f"^{asked}: [^\n]*{line}$"):
        make_split(raw, choices, 0)


def triangle_resized(image, *sizes):
    """Bilinear scaling as a matrix product: each output pixel is a triangle-weighted mean around its centre."""

    def weights(old, size):
        scale = max(old / size, 1.0)
        centres = (np.arange(size)[:, None] + 0.5) * old / size
        matrix = np.clip(1 - np.abs(np.arange(old) + 0.5 - centres) / scale, 0, None)
        return matrix / matrix.sum(axis=1, keepdims=True)

    rows, columns = map(weights, image.shape, sizes)
    return rows @ image @ columns.T


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [(8, 8, 28), (28, 28, 8), (6, 9, (7, 7)), (6, 9, (8, 12)), (5, 5, 5)],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_images_are_scaled_bilinearly_channel_by_channel(height, width, size, channels):
    raw = raw_images("here", pictures(6, height, width, channels), np.arange(6) % 2)
    split = make_split(raw, SplitChoices(selection="first", train=2, attack=2, image_size=size), 0)
    size = size if isinstance(size, tuple) else (size, size)
    for images, start in ((split.train_inputs, 0), (split.attack_inputs, 2), (split.test_inputs, 4)):
        assert images.shape == (2, *size, channels)
        for offset in range(2):
            for channel in range(channels):
                expected = triangle_resized(raw.train_inputs[start + offset, :, :, channel].astype(float), *size)
                # Pillow rounds after each of its two passes.
                np.testing.assert_allclose(images[offset, :, :, channel], expected, atol=1.5)


def test_oblong_images_keep_their_aspect_or_say_that_they_do_not():
    raw = raw_images("here", pictures(6, 20, 30), np.arange(6) % 2)
    choices = SplitChoices(train=2, attack=2, test=2)
    allowed = r"null, or height and width, such as \[28, 42\], which nearly keeps their aspect"
    with pytest.raises(ValueError, match=f"^image_size: given 28 for images of 20x30 pixels; allowed: {allowed}$"):
        make_split(raw, choices.model_copy(update={"image_size": 28}), 0)
    notes = {size: make_split(raw, choices.model_copy(update={"image_size": size}), 0).note for size in SIZES}
    counts = "2 training and 2 test images of 6"
    assert notes == dict.fromkeys(SIZES, counts) | {(28, 28): f"{counts}, stretched from 20x30 to 28x28 pixels"}


SIZES = (None, (20, 30), (28, 42), (7, 10), (28, 28))


def test_enlarging_agrees_with_scipy():
    raw = raw_images("here", pictures(6, 8, 8), np.arange(6) % 2)
    split = make_split(raw, SplitChoices(selection="first", train=2, attack=2, image_size=24), 0)
    expected = ndimage.zoom(raw.train_inputs[0, :, :, 0].astype(float), 3, order=1, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(split.train_inputs[0, :, :, 0], expected, atol=1.5)


def test_mean_and_deviation_are_of_the_scaled_training_images():
    raw = raw_images("here", pictures(60, 6, 6, 3), np.arange(60) % 2)
    split = make_split(raw, SplitChoices(train=20, attack=20, image_size=9), 0)
    pixels = split.train_inputs.astype(np.float64) / 255
    np.testing.assert_allclose(split.mean, pixels.mean(axis=(0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(split.std, pixels.std(axis=(0, 1, 2)), rtol=1e-12)


def test_only_training_images_decide_the_normalisation():
    images, labels = pictures(60, channels=3), np.arange(60) % 2
    choices = SplitChoices(train=20, attack=20)
    split = make_split(raw_images("here", images, labels), choices, 0)
    others = np.setdiff1d(np.arange(60), split.train_index)
    images[others] = 255 - images[others]
    changed = make_split(raw_images("here", images, labels), choices, 0)
    assert not np.array_equal(changed.test_inputs, split.test_inputs)
    np.testing.assert_array_equal(changed.mean, split.mean)
    np.testing.assert_array_equal(changed.std, split.std)


@pytest.mark.parametrize(
    ("own_test", "note", "expected"),
    [
        (True, "", "1,200 of 3,000 training and 500 of 1,000 test images"),
        (False, "", "1,200 training and 500 test images of 3,000"),
        (True, "The first.", "1,200 of 3,000 training and 500 of 1,000 test images. The first"),
    ],
)
def test_the_note_says_how_many_of_how_many_images_and_what_the_source_says(own_test, note, expected):
    labels = np.arange(3000) % 10
    test = (pictures(1000, 2, 2), labels[:1000]) if own_test else (None, None)
    raw = raw_images("here", pictures(3000, 2, 2), labels, *test, note=note)
    assert make_split(raw, SplitChoices(train=1200, attack=300, test=500), 0).note == expected


def test_a_constant_channel_has_deviation_one_and_no_normalisation_leaves_values():
    images = pictures(12, channels=2)
    images[..., 1] = 77
    raw = raw_images("here", images, np.arange(12) % 2)
    split = make_split(raw, SplitChoices(train=4, attack=4), 0)
    assert split.mean[1] == pytest.approx(77 / 255)
    assert split.std[1] == 1
    assert split.std[0] != 1
    plain = make_split(raw, SplitChoices(train=4, attack=4, normalisation="none"), 0)
    assert (plain.mean.tolist(), plain.std.tolist()) == ([0, 0], [1, 1])
