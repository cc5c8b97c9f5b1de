import socket

import pytest

from lossbasins.data import downloads
from lossbasins.data.sources import cifar10, mnist, svhn

SOURCES = pytest.mark.parametrize(
    ("source", "name", "place", "files"),
    [
        (
            mnist,
            "MNIST",
            "MNIST/raw",
            [
                "train-images-idx3-ubyte.gz",
                "train-labels-idx1-ubyte.gz",
                "t10k-images-idx3-ubyte.gz",
                "t10k-labels-idx1-ubyte.gz",
            ],
        ),
        (cifar10, "CIFAR-10", ".", ["cifar-10-python.tar.gz"]),
        (svhn, "SVHN", ".", ["train_32x32.mat", "test_32x32.mat"]),
    ],
    ids=["mnist", "cifar10", "svhn"],
)


@SOURCES
def test_without_files_or_network_one_line_says_what_to_put_where(
    tmp_path, no_network, capfd, source, name, place, files
):
    before = socket.getdefaulttimeout()
    with pytest.raises(ValueError, match=r"^[^\n]*$") as error:
        source.load(tmp_path)
    start = f"{tmp_path / place}: {name} is not complete there and cannot be downloaded; put these files into "
    assert str(error.value).startswith(f"{start}that folder: {', '.join(files)} (")
    assert "no network" in str(error.value)
    assert capfd.readouterr() == ("", "")
    assert no_network
    assert {limit for _, limit in no_network} == {downloads.PATIENCE}
    assert socket.getdefaulttimeout() == before


@SOURCES
def test_a_file_of_another_checksum_is_never_read(tmp_path, no_network, source, name, place, files):
    raw = tmp_path / place
    raw.mkdir(parents=True, exist_ok=True)
    for file in files:
        (raw / file).write_bytes(b"another")
        (raw / file.removesuffix(".gz")).write_bytes(b"another")
    with pytest.raises(ValueError, match=f"{name} is not complete there"):
        source.load(tmp_path)
    assert no_network
    assert (raw / files[0]).read_bytes() == b"another"
    assert not [path for path in raw.iterdir() if path.is_dir()]
