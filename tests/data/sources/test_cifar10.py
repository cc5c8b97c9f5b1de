import hashlib
import io
import pickle
import tarfile

import numpy as np
from torchvision.datasets import CIFAR10

from lossbasins.data.sources import cifar10
from tests.data.arrays import pictures

PARTS = {"data_batch_1": 10, "data_batch_2": 20, "test_batch": 10}


class OldType:
    """Pickles as NumPy's uint8 did when CIFAR-10 was published."""

    def __reduce__(self):
        return np.dtype, ("u1", 0, 1), (3, "|", None, None, None, -1, -1, 0)


class OldArray:
    """Pickles as a NumPy array did then."""

    def __init__(self, array):
        self.array = array

    def __reduce__(self):
        rebuild, arguments, _ = self.array.__reduce__()
        return rebuild, arguments, (1, self.array.shape, OldType(), False, self.array.tobytes())


def test_the_published_archive_is_read_checked_and_named(tmp_path, monkeypatch, no_network):
    images = {name: pictures(count, 32, 32, 3, seed=count) for name, count in PARTS.items()}
    contents = {
        name: {
            "data": OldArray(values.transpose(0, 3, 1, 2).reshape(len(values), -1)),
            "labels": [*range(10)] * (len(values) // 10),
        }
        for name, values in images.items()
    }
    contents["batches.meta"] = {"label_names": [*"abcdefghij"]}
    archive, digests = tmp_path / "cifar-10-python.tar.gz", {}
    with tarfile.open(archive, "w:gz") as packed:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            text = pickle.dumps(content, protocol=2)
            member.size, digests[name] = len(text), hashlib.md5(text).hexdigest()
            packed.addfile(member, io.BytesIO(text))
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())
    monkeypatch.setattr(CIFAR10, "train_list", [[n, digests[n]] for n in ("data_batch_1", "data_batch_2")])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", digests["test_batch"]]])
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": digests["batches.meta"]})
    raw = cifar10.load(tmp_path)
    np.testing.assert_array_equal(raw.train_inputs, np.concatenate([images["data_batch_1"], images["data_batch_2"]]))
    np.testing.assert_array_equal(raw.test_inputs, images["test_batch"])
    assert raw.train_labels.tolist() == [*range(10)] * 3
    assert raw.test_labels.tolist() == [*range(10)]
    assert raw.files == (archive,)
    assert archive.is_file()
    assert no_network == []
