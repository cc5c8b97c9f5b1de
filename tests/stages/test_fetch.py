import numpy as np
import pytest

from lossbasins.data.sources import npz
from lossbasins.specs.fetch import Inputs, Outputs, Spec
from lossbasins.stages import fetch
from lossbasins.stages.arrays import read_raw
from tests.data.arrays import arrays
from tests.stages.conftest import context


def fetched(folder, spec):
    surroundings = context(data_dir=folder / "data")
    outputs = Outputs(images=folder / "images.npz")
    fetch.run(spec, Inputs(), outputs, surroundings)
    return outputs.images, surroundings.sources


def test_an_archive_is_stored_in_the_common_format(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez_compressed(path, **arrays(), note=np.array("ours"), other=np.array("ignored"))
    images, sources = fetched(tmp_path, Spec(source="npz", options={"path": str(path)}))
    raw = read_raw(images)
    for name, array in arrays().items():
        np.testing.assert_array_equal(getattr(raw, name.replace("images", "inputs")), array)
    assert raw.note == "ours"
    assert sources == []
    # What a user may give and what the stage writes are one format.
    np.testing.assert_array_equal(npz.load(tmp_path, path=str(images)).test_inputs, raw.test_inputs)


def test_digits_have_no_test_part_and_their_file_is_recorded(tmp_path):
    images, sources = fetched(tmp_path, Spec(source="digits"))
    raw = read_raw(images)
    assert raw.train_inputs.shape == (1797, 8, 8, 1)
    assert raw.test_inputs is None
    assert [source.name for source in sources] == ["digits.csv.gz"]


def test_the_same_images_are_the_same_bytes(tmp_path):
    (tmp_path / "again").mkdir()
    first, again = (fetched(folder, Spec(source="digits"))[0] for folder in (tmp_path, tmp_path / "again"))
    assert first.read_bytes() == again.read_bytes()


def test_a_bad_archive_writes_nothing(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, **arrays() | {"train_labels": np.arange(3)})
    with pytest.raises(ValueError, match="train_labels"):
        fetched(tmp_path, Spec(source="npz", options={"path": str(path)}))
    assert list(tmp_path.iterdir()) == [path]
