import shutil
import socket
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest

from lossbasins.data.sources import mnist

REAL = Path(__file__).parents[4] / "shared" / "data" / "MNIST" / "raw"
NAMES = [
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
]


@pytest.fixture
def raw_folder(tmp_path):
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def no_network(monkeypatch):
    """Every download fails; gives the addresses that were asked for and the time limits then in force."""
    asked = []

    def refuse(request, *_, **__):
        asked.append((request.full_url, socket.getdefaulttimeout()))
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    return asked


def test_real_files_are_read_and_named(tmp_path, raw_folder, no_network):
    if not REAL.is_dir():
        pytest.skip(f"no MNIST files in {REAL}")
    for name in NAMES:
        shutil.copyfile(REAL / name, raw_folder / name)
    raw = mnist.load(tmp_path)
    assert raw.train_images.shape == (60000, 28, 28, 1)
    assert raw.test_images.shape == (10000, 28, 28, 1)
    assert raw.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert raw.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert sorted(raw.files) == sorted(raw_folder.iterdir()) == [raw_folder / name for name in NAMES]
    assert no_network == []


def test_without_files_or_network_one_line_says_what_to_put_where(tmp_path, no_network, capfd):
    before = socket.getdefaulttimeout()
    with pytest.raises(ValueError, match=r"^[^\n]*$") as error:
        mnist.load(tmp_path)
    assert str(tmp_path / "MNIST" / "raw") in str(error.value)
    assert all(name in str(error.value) for name in NAMES)
    assert "no network" in str(error.value)
    assert capfd.readouterr() == ("", "")
    assert no_network
    assert {limit for _, limit in no_network} == {mnist.PATIENCE}
    assert socket.getdefaulttimeout() == before


def test_a_file_that_is_not_mnists_is_never_read(tmp_path, raw_folder, no_network):
    for name in NAMES:
        (raw_folder / name).write_bytes(b"not MNIST")
        (raw_folder / name.removesuffix(".gz")).write_bytes(b"unpacked, not MNIST")
    with pytest.raises(ValueError, match="MNIST is not complete there"):
        mnist.load(tmp_path)
    assert no_network
    assert (raw_folder / NAMES[0]).read_bytes() == b"not MNIST"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tmp")]
