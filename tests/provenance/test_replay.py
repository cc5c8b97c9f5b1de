import math
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

from lossbasins.provenance.fingerprint import digest_of
from lossbasins.provenance.history import Histories
from lossbasins.provenance.manifest import identity, manifest_text, read_manifest, sha256_of
from lossbasins.provenance.replay import TOLERANCE, ReplayError, replay
from lossbasins.provenance.values import deviation

SPLIT = "results/smoke/data/digits/split.npz"


def replayed(root, path=SPLIT):
    stage = "split" if path == SPLIT else "volume_figure.volume"
    manifest = (root / path).with_name(f"{stage}.manifest.json")
    return replay(manifest, Histories(root / "data"), root / "data", None, None)


def rerecorded(root, content=None, **changes):
    """A finished split whose manifest says otherwise, or other bytes that its manifest vouches for."""
    path = root / "results/smoke/data/digits/split.manifest.json"
    manifest = read_manifest(path)
    if content is not None:
        (root / SPLIT).unlink()
        np.savez_compressed(root / SPLIT, **content)
        changes["outputs"] = [manifest.outputs[0].model_copy(update={"sha256": sha256_of(root / SPLIT)})]
    changed = manifest.model_copy(update=changes)
    code = digest_of(changed.modules)
    made_by = {"code": code, "id": identity(changed.stage, changed.spec, code, changed.versions, changed.inputs)}
    path.unlink()
    path.write_text(manifest_text(changed.model_copy(update=made_by)))


def arrays(root, factor=1.0):
    with np.load(root / SPLIT) as archive:
        values = {name: archive[name] for name in archive.files}
    name = next(name for name, value in values.items() if value.dtype.kind == "f")
    return values | {name: (values[name] * factor).astype(values[name].dtype)}


@pytest.mark.parametrize("path", [SPLIT, "results/smoke/figures/volume.pdf"])
def test_a_result_comes_out_to_the_byte(linked, path):
    found = replayed(linked.root, path)
    assert found.same
    assert not found.elsewhere
    assert all(output.same_bytes for output in found.outputs)


def test_other_bytes_on_the_same_device_are_a_difference_however_small(linked):
    rerecorded(linked.root, arrays(linked.root))
    found = replayed(linked.root)
    assert [output.deviation for output in found.outputs] == [0.0]
    assert not found.same


@pytest.mark.parametrize(("factor", "same"), [(1.0, True), (1.01, False)])
def test_from_another_device_values_decide(linked, factor, same):
    rerecorded(linked.root, arrays(linked.root, factor), device="cuda (A)")
    found = replayed(linked.root)
    assert found.elsewhere[0].startswith("device cuda (A), now cpu")
    assert found.tolerance == TOLERANCE
    assert found.same == same


def test_an_input_of_other_bytes_is_not_replayed(linked):
    images = linked.root / "results/smoke/data/digits/images.npz"
    images.unlink()
    images.write_bytes(b"other")
    with pytest.raises(ReplayError, match=r"images\.npz: not the bytes that were read then"):
        replayed(linked.root)


def test_other_code_is_not_replayed_and_its_commit_is_named(linked):
    path = linked.root / "results/smoke/data/digits/split.manifest.json"
    modules = dict(read_manifest(path).modules) | {"lossbasins.data.split": "0"}
    rerecorded(linked.root, modules=modules, commit="c0ffee")
    with pytest.raises(ReplayError, match=r"not as recorded: lossbasins\.data\.split; its commit is c0ffee"):
        replayed(linked.root)


def test_the_command_says_how_the_results_compare(finished):
    line = [sys.executable, "-m", "lossbasins", "replay", SPLIT]
    environment = {"PYTHONPATH": str(finished.root / "workflow"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(line, cwd=finished.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"split {SPLIT}: same bytes" in done.stdout
    assert "same to the byte" in done.stdout


@pytest.mark.parametrize(
    ("suffix", "left", "right", "expected"),
    [
        ("md", "| a | 1.0 | -2e3 |", "| a | 1.00 | -2000 |", 0.0),
        ("md", "| a | 1.0 |", "| a | 1.1 |", 0.1 / 1.1),
        ("md", "| a | 1.0 |", "| b | 1.0 |", math.inf),
        ("txt", "w0.1-n100 3", "w0.3-n100 3", math.inf),
        ("csv", "x,y\n1,10\n2,\n", "x,y\n1.1,10\n2,\n", 0.05),
        ("csv", "x,y\n1,10\n2,\n", "x,y\n1,10\n2,3\n", math.inf),
        ("csv", "x,y\na,1\n", "x,y\nb,1\n", math.inf),
        ("csv", "x\n1\n", "y\n1\n", math.inf),
        ("csv", "x\n1\n", "x\n1\n1\n", math.inf),
        ("pdf", "1.0", "1.00", math.inf),
    ],
)
def test_texts_differ_in_their_numbers_or_altogether(tmp_path, suffix, left, right, expected):
    files = [tmp_path / f"{name}.{suffix}" for name in ("left", "right")]
    for file, text in zip(files, (left, right), strict=True):
        file.write_text(text)
    assert deviation(*files) == pytest.approx(expected)


def test_arrays_differ_relative_to_their_largest_entry(tmp_path):
    save_file({"x": np.array([1e-6, 4.0])}, tmp_path / "a.safetensors")
    save_file({"x": np.array([2e-6, 4.0])}, tmp_path / "b.safetensors")
    assert deviation(tmp_path / "a.safetensors", tmp_path / "b.safetensors") == pytest.approx(2.5e-7)
    np.savez(tmp_path / "a.npz", x=np.array([1.0, np.nan]))
    np.savez(tmp_path / "b.npz", x=np.array([1.0, np.inf]))
    assert deviation(tmp_path / "a.npz", tmp_path / "b.npz") == math.inf
    assert deviation(tmp_path / "a.npz", tmp_path / "a.npz") == 0.0
    np.savez(tmp_path / "c.npz", x=np.ones(3))
    assert deviation(tmp_path / "a.npz", tmp_path / "c.npz") == math.inf
