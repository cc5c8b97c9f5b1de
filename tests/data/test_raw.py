import numpy as np
import pytest

from lossbasins.data.raw import raw_images
from tests.data.arrays import arrays, pictures


def test_a_channel_axis_is_added_and_labels_become_int64():
    raw = raw_images("here", pictures(4)[..., 0], np.array([0, 1, 2, 1], dtype=np.uint8))
    assert raw.train_inputs.shape == (4, 4, 4, 1)
    assert raw.train_labels.dtype == np.int64
    assert raw.test_inputs is None
    assert raw.test_labels is None
    assert raw.classes == 3


# Field to replace, its value, and what the line must say of it.
BAD = [
    ("train_images", pictures(12) / 255, "given dtype float64; allowed: uint8"),
    ("train_images", np.full((12, 4, 4), np.nan, dtype=np.float32), "given dtype float32 with NaN; allowed: uint8"),
    ("train_images", pictures(12).astype(np.int64), "given dtype int64; allowed: uint8"),
    ("train_images", pictures(12).reshape(12, 16), r"given shape \(12, 16\); allowed: \(n, height, width\)"),
    ("train_images", pictures(12).transpose(0, 3, 1, 2).repeat(5, axis=3), "1 to 4 channels"),
    ("train_images", pictures(0), r"given shape \(0, 4, 4, 1\)"),
    ("test_images", pictures(6, height=5), r"given images of shape \(5, 4, 1\); allowed: \(4, 4, 1\)"),
    ("test_images", pictures(6, channels=3), r"given images of shape \(4, 4, 3\); allowed: \(4, 4, 1\)"),
    ("test_images", None, "missing although test_labels is given"),
    ("train_labels", np.arange(12) % 3 + 0.5, "given dtype float64; allowed: integers"),
    ("train_labels", np.array(["cat", "dog"] * 6), "given dtype <U3; allowed: integers"),
    ("train_labels", np.arange(11) % 3, r"given shape \(11,\); allowed: \(12,\)"),
    ("train_labels", np.eye(12, dtype=np.int64), r"given shape \(12, 12\); allowed: \(12,\)"),
    ("train_labels", np.arange(12) % 3 - 1, "given label -1; allowed: 0 and above"),
    ("train_labels", np.arange(12) % 3 + 1, "given labels up to 3 but none is 0"),
    ("train_labels", np.array([0, 1, 2**62] * 4), "none is 2"),
    ("train_labels", np.array([0, 1, 2**64 - 1] * 4, dtype=np.uint64), "given label 18446744073709551615"),
    ("train_labels", np.zeros(12, dtype=np.int64), "given labels up to 0; allowed: two or more classes"),
    ("test_labels", np.full(6, 3), "given label 3; allowed: 0 to 2"),
    ("test_labels", None, "missing although test_images is given"),
]


@pytest.mark.parametrize(("field", "value", "line"), BAD)
def test_bad_arrays_get_one_line_that_names_file_and_field(field, value, line):
    with pytest.raises(ValueError, match=f"^my.npz: {field}: .*{line}[^\n]*$"):
        raw_images("my.npz", **arrays() | {field: value})
