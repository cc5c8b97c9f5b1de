import dataclasses
import subprocess
import sys
import time

import numpy as np

from lossbasins.data.raw import raw_images
from lossbasins.data.split import make_split
from lossbasins.specs.split import Inputs, Outputs, Spec
from lossbasins.stages import split
from lossbasins.stages.arrays import read_split, write_raw, write_split
from tests.data.arrays import arrays
from tests.stages.conftest import context

SPEC = Spec(train=3, attack=6, image_size=7, seed=5)


def split_into(folder):
    folder.mkdir()
    write_raw(folder / "images.npz", raw_images("here", **arrays()))
    surroundings = context(data_dir=folder)
    split.run(SPEC, Inputs(images=folder / "images.npz"), Outputs(split=folder / "split.npz"), surroundings)
    return folder / "split.npz"


def test_what_is_written_is_read_again(tmp_path):
    expected = make_split(raw_images("here", **arrays()), SPEC, SPEC.seed)
    found = read_split(split_into(tmp_path / "here"))
    for field in dataclasses.fields(expected):
        value, read = getattr(expected, field.name), getattr(found, field.name)
        np.testing.assert_array_equal(read, value)
        assert np.asarray(read).dtype == np.asarray(value).dtype
    assert type(found.classes) is int
    assert type(found.note) is str


def test_the_same_split_is_the_same_bytes_at_any_time(tmp_path, monkeypatch):
    here = split_into(tmp_path / "here").read_bytes()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 1e6)
    assert split_into(tmp_path / "there").read_bytes() == here


def test_the_layout_of_arrays_in_memory_does_not_matter(tmp_path):
    found = read_split(split_into(tmp_path / "here"))
    turned = dataclasses.replace(found, train_inputs=np.asfortranarray(found.train_inputs))
    write_split(tmp_path / "turned.npz", turned)
    assert (tmp_path / "turned.npz").read_bytes() == (tmp_path / "here" / "split.npz").read_bytes()


def test_splitting_needs_no_torch():
    code = "import sys, lossbasins.stages.split; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
