import shutil
from pathlib import Path

import pytest

from lossbasins.data.sources import mnist

REAL = Path(__file__).parents[4] / "shared" / "data" / "MNIST" / "raw"
NAMES = [
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
]


def test_real_files_are_read_and_named(tmp_path, no_network):
    if not REAL.is_dir():
        pytest.skip(f"no MNIST files in {REAL}")
    raw_folder = tmp_path / "MNIST" / "raw"
    raw_folder.mkdir(parents=True)
    for name in NAMES:
        shutil.copyfile(REAL / name, raw_folder / name)
    raw = mnist.load(tmp_path)
    assert raw.train_inputs.shape == (60000, 28, 28, 1)
    assert raw.test_inputs.shape == (10000, 28, 28, 1)
    assert raw.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert raw.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert sorted(raw.files) == [raw_folder / name for name in NAMES]
    assert {path.name for path in raw_folder.iterdir()} == {*NAMES, "download.lock"}
    assert no_network == []
