import hashlib
import json
import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbasins.provenance.gpu import Gpu
from lossbasins.provenance.manifest import (
    Manifest,
    Read,
    Written,
    identity,
    is_sealed,
    maker_of,
    manifest_text,
    read_manifest,
    sha256_of,
)

READ = Read(name="split", path="a/split.npz", sha256="11", maker="22")


def manifest(**changes):
    values = {
        "id": "ab",
        "stage": "train",
        "spec": {"seeds": [1]},
        "code": "cd",
        "modules": {},
        "versions": {},
        "commit": None,
        "dirty": None,
        "host": "here",
        "device": "cpu",
        "threads": 1,
        "nondeterministic": [],
        "started": datetime(2026, 1, 1, tzinfo=UTC),
        "seconds": 1.5,
        "inputs": [READ],
        "outputs": [Written(name="history", path="a/history.csv", sha256="33", size=3)],
    }
    return Manifest(**values | changes)


def test_the_id_is_of_what_determines_a_result_not_of_where_it_lies():
    base = identity("train", {"seeds": [1]}, "cd", {"torch": "2"}, [READ])
    assert identity("train", {"seeds": [1]}, "cd", {"torch": "2"}, [READ.model_copy(update={"path": "b"})]) == base
    others = [
        identity("polish", {"seeds": [1]}, "cd", {"torch": "2"}, [READ]),
        identity("train", {"seeds": [2]}, "cd", {"torch": "2"}, [READ]),
        identity("train", {"seeds": [1]}, "ce", {"torch": "2"}, [READ]),
        identity("train", {"seeds": [1]}, "cd", {"torch": "3"}, [READ]),
        identity("train", {"seeds": [1]}, "cd", {"torch": "2"}, [READ.model_copy(update={"sha256": "12"})]),
        identity("train", {"seeds": [1]}, "cd", {"torch": "2"}, [READ.model_copy(update={"maker": "23"})]),
        identity("train", {"seeds": [1]}, "cd", {"torch": "2"}, [READ, READ]),
    ]
    assert len({base, *others}) == 8


@pytest.mark.parametrize("gpu", [None, Gpu(cuda="13.2", cudnn="92600", driver=None, tf32=False)])
def test_a_manifest_is_read_back(tmp_path, gpu):
    path = tmp_path / "train.manifest.json"
    path.write_text(manifest_text(manifest(gpu=gpu)))
    assert read_manifest(path) == manifest(gpu=gpu)


def test_the_seal_is_the_digest_of_the_text_with_an_empty_seal(tmp_path):
    path = tmp_path / "train.manifest.json"
    path.write_text(manifest_text(manifest()))
    line = f"""sed 's/^  "seal": ".*"/  "seal": ""/' {path} | sha256sum"""
    digest = subprocess.run(line, shell=True, capture_output=True, text=True, check=True).stdout.split()[0]
    assert json.loads(path.read_text())["seal"] == digest


@given(st.data())
def test_any_edit_breaks_the_seal(data):
    text = manifest_text(manifest())
    assert is_sealed(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    edited = text[:start] + data.draw(st.text(max_size=5)) + text[end:]
    assert is_sealed(edited) == (edited == text)


def test_what_is_no_manifest_is_one_clear_line(tmp_path):
    path = tmp_path / "train.manifest.json"
    path.write_text('{"id": ')
    with pytest.raises(ValueError, match="no manifest; delete it") as caught:
        read_manifest(path)
    assert "\n" not in str(caught.value)


def test_the_maker_is_the_manifest_that_lists_the_file(tmp_path):
    (tmp_path / "train.manifest.json").write_text(manifest_text(manifest()))
    other = manifest(id="ef", outputs=[Written(name="evaluation", path="a/evaluation.csv", sha256="4", size=1)])
    (tmp_path / "evaluate.manifest.json").write_text(manifest_text(other))
    assert maker_of(tmp_path / "history.csv").id == "ab"
    assert maker_of(tmp_path / "evaluation.csv").id == "ef"
    assert maker_of(tmp_path / "raw.npz") is None


def test_digests_of_files(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"bytes" * 100_000)
    assert sha256_of(path) == hashlib.sha256(b"bytes" * 100_000).hexdigest()
