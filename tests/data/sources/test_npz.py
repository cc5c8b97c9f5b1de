import io
import pickle
import re
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lossbasins.data.sources import npz
from tests.data.arrays import arrays, pictures


class Bomb:
    """Fails the test when unpickled."""

    def __reduce__(self):
        return pytest.fail, ("unpickled",)


def archive_bytes(**content):
    file = io.BytesIO()
    np.savez(file, **content)
    return file.getvalue()


def zip_bytes(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


GOOD = archive_bytes(**arrays())
FEW = {"train_images": pictures(4), "train_labels": np.arange(4) % 2}


def load(folder, content):
    path = folder / "mine.npz"
    path.write_bytes(content)
    return npz.load(folder, path=str(path))


@pytest.mark.parametrize("name", ["tset_images", "test_image", "Test_Images"])
def test_a_misspelt_array_is_an_error_and_not_left_out(tmp_path, name):
    misspelt = arrays()
    misspelt[name] = misspelt.pop("test_images")
    with pytest.raises(ValueError, match=f"mine.npz: test_images: missing, but there is '{name}'; rename"):
        load(tmp_path, archive_bytes(**misspelt))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_read_and_others_ignored(tmp_path, save):
    expected = arrays()
    save(tmp_path / "mine.npz", **expected, note=np.array("ours"), extra=np.array([Bomb()], dtype=object))
    raw = npz.load(tmp_path, path=str(tmp_path / "mine.npz"))
    for name, array in expected.items():
        np.testing.assert_array_equal(getattr(raw, name.replace("images", "inputs")), array)
    assert raw.files == ()


def test_the_test_part_and_the_note_may_be_absent(tmp_path):
    raw = load(tmp_path, archive_bytes(**FEW))
    assert raw.test_inputs is None
    assert raw.test_labels is None
    assert raw.note == ""


def test_a_note_becomes_one_line(tmp_path):
    assert load(tmp_path, archive_bytes(**FEW, note=np.array(" the first\n4 images "))).note == "the first 4 images"


def damaged(content, name):
    """The archive with the last data byte of a member changed, as its checksum shows."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        data = archive.read(f"{name}.npy")
    at = content.index(data) + len(data) - 1
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


# What is in the file, the field that the line must name, and what it must say.
BAD = {
    "truncated": (GOOD[: len(GOOD) // 2], "path", "truncated"),
    "empty": (b"", "path", "no NumPy archive"),
    "text": (b"label,pixel\n0,255\n", "path", "no NumPy archive"),
    "pickle": (pickle.dumps(Bomb()), "path", "no NumPy archive"),
    "damaged": (damaged(GOOD, "train_images"), "train_images", "Bad CRC-32"),
    "no arrays": (zip_bytes(), "train_images", "missing; the file has no arrays"),
    "no labels": (archive_bytes(train_images=pictures(4)), "train_labels", "missing; the file has train_images"),
    "object images": (
        archive_bytes(**FEW | {"train_images": np.array([Bomb()] * 4, dtype=object)}),
        "train_images",
        "Object arrays cannot be loaded",
    ),
    "object labels": (
        archive_bytes(**FEW | {"train_labels": np.array([Bomb()] * 4, dtype=object)}),
        "train_labels",
        "Object arrays cannot be loaded",
    ),
    "not in the format": (zip_bytes(train_images=b"no array"), "train_images", "cannot be read"),
    "NaN": (archive_bytes(**FEW | {"train_images": np.full((4, 8, 8), np.nan)}), "train_images", "float64 with NaN"),
    "shape": (archive_bytes(**FEW | {"train_images": np.uint8([1, 2])}), "train_images", r"given shape \(2,\)"),
    "label range": (archive_bytes(**FEW | {"train_labels": np.int8([0, 1, -1, 1])}), "train_labels", "given label -1"),
    "note of numbers": (archive_bytes(**FEW, note=np.array(5)), "note", "given dtype int64"),
    "several notes": (archive_bytes(**FEW, note=np.array(["a", "b"])), "note", r"shape \(2,\); allowed: one text"),
    "pickled note": (archive_bytes(**FEW, note=np.array(Bomb(), dtype=object)), "note", "cannot be read"),
    "no test labels": (archive_bytes(**FEW, test_images=pictures(2)), "test_labels", "missing"),
    "a name of two lines": (
        archive_bytes(train_labels=FEW["train_labels"], **{"tra\nin": FEW["train_images"]}),
        "train_images",
        r"has [^\n]*tra\\nin",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_line_that_names_file_and_field(tmp_path, name):
    content, field, line = BAD[name]
    with pytest.raises(ValueError, match=f"^{tmp_path}/mine.npz: {field}: [^\n]*{line}[^\n]*$"):
        load(tmp_path, content)


def test_a_missing_file_gets_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"^none\.npz: path: no such file[^\n]*$"):
        npz.load(tmp_path, path="none.npz")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.sampled_from([GOOD, archive_bytes(**FEW)]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_flipped_bytes_give_the_same_images_or_one_line(tmp_path, content, changes):
    changed = bytearray(content)
    for place, byte in changes:
        changed[int(place * len(content))] = byte
    original = load(tmp_path, content)
    try:
        raw, line = load(tmp_path, bytes(changed)), ""
    except ValueError as error:
        raw, line = original, str(error)
    assert re.match(rf"({tmp_path}/mine\.npz: \w+: [^\n]+)?$", line)
    np.testing.assert_array_equal(raw.train_inputs, original.train_inputs)
