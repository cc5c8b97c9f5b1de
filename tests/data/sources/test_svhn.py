import hashlib

import numpy as np
import scipy.io
from torchvision.datasets import SVHN

from lossbasins.data.sources import svhn
from tests.data.arrays import pictures


def test_published_files_are_read_checked_and_named(tmp_path, monkeypatch, no_network):
    images = {"train": pictures(20, 32, 32, 3), "test": pictures(10, 32, 32, 3, seed=1)}
    labels = {"train": np.arange(20) % 10, "test": np.arange(10)[::-1]}
    published = {}
    for part in images:
        file = tmp_path / f"{part}_32x32.mat"
        # As published: images last, and the digit zero has label ten.
        digits = np.where(labels[part] == 0, 10, labels[part]).astype(np.uint8)[:, None]
        scipy.io.savemat(file, {"X": images[part].transpose(1, 2, 3, 0), "y": digits})
        published[part] = ["http://nowhere", file.name, hashlib.md5(file.read_bytes()).hexdigest()]
    monkeypatch.setattr(SVHN, "split_list", published)
    raw = svhn.load(tmp_path)
    np.testing.assert_array_equal(raw.train_inputs, images["train"])
    np.testing.assert_array_equal(raw.test_inputs, images["test"])
    assert raw.train_labels.tolist() == labels["train"].tolist()
    assert raw.test_labels.tolist() == labels["test"].tolist()
    assert [file.name for file in raw.files] == ["train_32x32.mat", "test_32x32.mat"]
    assert all(file.is_file() for file in raw.files)
    assert no_network == []
