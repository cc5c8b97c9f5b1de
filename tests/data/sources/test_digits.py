import gzip

import numpy as np

from lossbasins.data.sources import digits


def test_digits_are_the_installed_file_scaled_to_bytes(tmp_path):
    raw = digits.load(tmp_path)
    (file,) = raw.files
    with gzip.open(file, "rt") as lines:
        rows = [[round(float(value)) for value in line.split(",")] for line in lines]
    assert raw.train_inputs.shape == (1797, 8, 8, 1)
    assert raw.train_inputs[:, :, :, 0].reshape(1797, 64).tolist() == [
        [round(value * 255 / 16) for value in row[:-1]] for row in rows
    ]
    assert raw.train_labels.tolist() == [row[-1] for row in rows]
    assert raw.test_inputs is None
    assert list(tmp_path.iterdir()) == []


def test_all_of_the_range_is_used(tmp_path):
    images = digits.load(tmp_path).train_inputs
    assert (images.min(), images.max(), len(np.unique(images))) == (0, 255, 17)
