"""Data that are no images, from arrays to what networks are given."""

import numpy as np
import pytest
import torch

from lossbasins.data import tensors
from lossbasins.data.kinds import KINDS
from lossbasins.data.random_labels import with_random_labels
from lossbasins.data.raw import raw_data
from lossbasins.data.sources import npz
from lossbasins.data.split import make_split
from lossbasins.data.tensors import attack_part, train_part
from lossbasins.specs.split import SplitChoices
from lossbasins.stages.arrays import read_raw, read_split, write_raw, write_split
from lossbasins.stages.solutions import input_shape

RNG = np.random.default_rng(0)
GIVEN = {
    "signals": RNG.normal(3, 2, (60, 2, 9)).astype(np.float32),
    "features": RNG.normal([1, 2, 3], [1, 10, 100], (60, 3)),
    "tokens": RNG.integers(0, 7, (60, 5), dtype=np.uint8),
}
LABELS = np.arange(60) % 3
CHOICES = SplitChoices(train=24, attack=9, test=20)


def split_of(kind, inputs=None, **choices):
    raw = raw_data(kind, "here", GIVEN[kind] if inputs is None else inputs, LABELS)
    return make_split(raw, CHOICES.model_copy(update=choices), 0)


@pytest.mark.parametrize("kind", GIVEN)
def test_arrays_of_an_archive_say_their_kind_and_come_back_from_files(tmp_path, kind):
    np.savez(
        tmp_path / "mine.npz",
        **{f"train_{kind}": GIVEN[kind], "train_labels": LABELS, f"test_{kind}": GIVEN[kind], "test_labels": LABELS},
    )
    raw = npz.load(tmp_path, path=str(tmp_path / "mine.npz"))
    write_raw(tmp_path / "raw.npz", raw)
    again = read_raw(tmp_path / "raw.npz")
    assert again.kind == raw.kind == kind
    np.testing.assert_array_equal(again.test_inputs, raw.test_inputs)
    split = make_split(raw, CHOICES, 0)
    write_split(tmp_path / "split.npz", split)
    read = read_split(tmp_path / "split.npz")
    assert read.kind == kind
    np.testing.assert_array_equal(read.attack_inputs, split.attack_inputs)
    with np.load(tmp_path / "split.npz") as arrays:
        assert f"train_{kind}" in arrays


@pytest.mark.parametrize(("kind", "axes"), [("signals", (0, 2)), ("features", 0)])
def test_channels_and_features_are_normalised_over_the_training_set(kind, axes):
    split = split_of(kind)
    chosen = GIVEN[kind][split.train_index].astype(np.float64)
    expected = (chosen - chosen.mean(axes, keepdims=True)) / chosen.std(axes, keepdims=True)
    part = train_part(split, torch.float64, "cpu")
    np.testing.assert_allclose(part.inputs.numpy(), expected, rtol=1e-12, atol=1e-13)
    assert train_part(split, torch.float32, "cpu").inputs.dtype == torch.float32
    plain = train_part(split_of(kind, normalisation="none"), torch.float64, "cpu")
    np.testing.assert_array_equal(plain.inputs.numpy(), chosen)


def test_a_constant_feature_stays_finite():
    values = GIVEN["features"].copy()
    values[:, 1] = 0.1
    assert train_part(split_of("features", values), torch.float64, "cpu").inputs.isfinite().all()


def test_tokens_stay_integers_in_every_precision():
    split = split_of("tokens")
    for part, index in ((train_part, split.train_index), (tensors.test_part, split.test_index)):
        inputs = part(split, torch.float32, "cpu").inputs
        assert inputs.dtype == torch.int64
        np.testing.assert_array_equal(inputs.numpy(), GIVEN["tokens"][index])
    assert attack_part(split, 4, torch.float64, "cpu").inputs.shape == (4, 5)


@pytest.mark.parametrize(("kind", "shape"), [("signals", (2, 9)), ("features", (3,)), ("tokens", (7, 5))])
def test_networks_are_given_what_the_kind_says(kind, shape):
    assert input_shape(split_of(kind)) == shape
    assert len(KINDS[kind].arguments) == len(shape)


def test_a_signal_without_channels_has_one():
    assert input_shape(split_of("signals", GIVEN["signals"][:, 0])) == (1, 9)


@pytest.mark.parametrize(("kind", "zeroed"), [("signals", 1 * 2), ("features", 0), ("tokens", 0)])
def test_copies_with_random_labels_have_a_tenth_zeroed(kind, zeroed):
    inputs = {"signals": np.ones((60, 2, 9)), "features": np.ones((60, 3)), "tokens": np.ones((60, 5), np.int64)}[kind]
    found = with_random_labels(split_of(kind, inputs), 2, 5)
    assert len(found.train_inputs) == len(found.train_labels) == 48
    assert ((found.train_inputs == 0).reshape(48, -1).sum(axis=1) == zeroed).all()


def test_the_note_and_errors_call_them_by_their_name():
    assert split_of("tokens").note == "24 training and 20 test sequences of 60"
    with pytest.raises(ValueError, match=r"needs 69 signals of the train part, but the source has 60$"):
        split_of("signals", train=40, attack=9)
    with pytest.raises(ValueError, match=r"^image_size: given 8; allowed: null, since the data are features$"):
        split_of("features", image_size=8)
    with pytest.raises(ValueError, match=r"^attack of 10 rows, but the split has 9 for it$"):
        attack_part(split_of("features"), 10, torch.float64, "cpu")


BAD = [
    (
        "signals",
        np.ones((60, 2, 3, 4)),
        r"given shape \(60, 2, 3, 4\); allowed: \(n, length\) or",
    ),
    ("signals", np.full((60, 4), np.nan), r"given nan at \(0, 0, 0\); allowed: finite numbers"),
    ("signals", np.ones((60, 4), dtype=complex), "given dtype complex128; allowed: real numbers"),
    ("features", np.ones(60), r"given shape \(60,\); allowed: \(n, features\)"),
    ("features", np.full((60, 4), np.inf), r"given inf at \(0, 0\); allowed: finite numbers"),
    ("features", np.array([["a"]] * 60), "given dtype <U1; allowed: real numbers"),
    ("tokens", np.ones((60, 4)), "given dtype float64; allowed: integers"),
    ("tokens", np.full((60, 4), -1), "given token -1; allowed: 0 to 2147483647"),
    ("tokens", np.ones((60, 4, 2), dtype=int), r"given shape \(60, 4, 2\); allowed: \(n, length\)"),
]


@pytest.mark.parametrize(("kind", "inputs", "line"), BAD)
def test_bad_arrays_get_one_line_that_names_file_and_field(kind, inputs, line):
    with pytest.raises(ValueError, match=f"^my.npz: train_{kind}: {line}[^\n]*$"):
        raw_data(kind, "my.npz", inputs, LABELS)


def test_a_kind_that_there_is_not_and_two_at_once_get_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"^here: given kind 'sounds'; allowed: images, signals, features, tokens$"):
        raw_data("sounds", "here", GIVEN["signals"], LABELS)
    np.savez(tmp_path / "mine.npz", train_signals=GIVEN["signals"], train_tokens=GIVEN["tokens"], train_labels=LABELS)
    with pytest.raises(ValueError, match=r"given train_signals and train_tokens; allowed: one kind of data$"):
        npz.load(tmp_path, path=str(tmp_path / "mine.npz"))
