import importlib.util

import numpy as np
import pytest

from lossbasins.data.raw import raw_images
from lossbasins.data.sources import npz
from tests.configurations import ROOT
from tests.data.arrays import pictures

DATA = ROOT.parent / "shared/data"
KEYS = ("train_inputs", "train_labels", "test_inputs", "test_labels")
CLASSES = np.arange(10)


@pytest.fixture(scope="module")
def subsets():
    spec = importlib.util.spec_from_file_location("subsets", ROOT / "studies/subsets.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def real(name):
    file = DATA / f"{name}-subset.npz"
    if not file.is_file():
        pytest.skip(f"the real subset is not here: {file}")
    return npz.load(DATA, path=str(file))


def official(*parts):
    """Parts that begin with the real images and go on with others."""
    more = pictures(10, 32, 32, 3)
    return raw_images(
        "official", *(array for images, labels in parts for array in (np.r_[images, more], np.r_[labels, CLASSES]))
    )


def test_svhn_is_cut_as_the_real_subset_is(subsets):
    subset = real("svhn")
    train = (np.r_[subset.train_inputs, subset.test_inputs], np.r_[subset.train_labels, subset.test_labels])
    cut = subsets.svhn_subset(official(train, (pictures(10, 32, 32, 3), CLASSES)))
    for key in KEYS:
        np.testing.assert_array_equal(getattr(cut, key), getattr(subset, key))
    assert cut.note == subset.note


def test_cifar10_is_cut_as_the_real_subset_is(subsets):
    subset = real("cifar10")
    parts = ((subset.train_inputs, subset.train_labels), (subset.test_inputs, subset.test_labels))
    cut = subsets.cifar10_subset(official(*parts))
    for key in KEYS:
        np.testing.assert_array_equal(getattr(cut, key), getattr(subset, key))
    assert cut.note == subset.note


def test_what_is_written_is_what_the_source_reads(subsets, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(subsets, "FOLDER", tmp_path)
    images = pictures(10, 32, 32, 3)
    subsets.make("ten", lambda _: raw_images("here", images, CLASSES, note="ten pictures"), lambda given: given)
    file = tmp_path / "ten-subset.npz"
    assert capsys.readouterr().out == f"{file}\n"
    assert list(tmp_path.iterdir()) == [file]
    read = npz.load(tmp_path, path=str(file))
    np.testing.assert_array_equal(read.train_inputs, images)
    assert read.note == "ten pictures"


def test_without_network_it_is_one_line_and_no_file(subsets, tmp_path, monkeypatch):
    def refuse(folder):
        raise ValueError(f"{folder}: SVHN: missing")

    monkeypatch.setattr(subsets, "FOLDER", tmp_path)
    with pytest.raises(SystemExit, match=r"^subsets: .*: SVHN: missing$"):
        subsets.make("svhn", refuse, subsets.svhn_subset)
    assert list(tmp_path.iterdir()) == []
