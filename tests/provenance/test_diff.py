import io
import subprocess
import sys

import pytest
from rich.console import Console

from lossbasins.provenance.diff import Difference, diff
from lossbasins.provenance.history import Histories
from lossbasins.provenance.printing import print_differences
from tests.provenance.results import written

SPLIT, IMAGES = "results/s/data/d/split.npz", "results/s/data/d/images.npz"


def study(root, *, raw=b"raw", images=b"images", split=b"split", setting=1, fetch_changes=None, **changes):
    (root / "own").mkdir(parents=True)
    (root / "own/raw.npz").write_bytes(raw)
    _, fetch = written(root, "fetch", {IMAGES: images}, (("raw", "own/raw.npz", None),), **fetch_changes or {})
    path, _ = written(root, "split", {SPLIT: split}, (("images", IMAGES, fetch),), spec={"train": setting}, **changes)
    return path


def found(tmp_path, left, right):
    return diff(study(tmp_path / "a", **left), study(tmp_path / "b", **right), Histories(tmp_path))


def test_a_history_does_not_differ_from_itself(tmp_path):
    assert found(tmp_path, {}, {}) == {}


def test_an_edited_manifest_is_not_compared(tmp_path):
    left, right = study(tmp_path / "a"), study(tmp_path / "b")
    right.write_text(right.read_text().replace('"here"', '"there"'))
    with pytest.raises(ValueError, match=r"split.manifest.json: the manifest was edited"):
        diff(left, right, Histories(tmp_path))


@pytest.mark.parametrize(
    ("changes", "difference", "stage"),
    [
        ({"setting": 2}, Difference("setting train", "1", "2"), "split"),
        ({"modules": {"m": "0123456789abcdef"}}, Difference("module m", "nothing", "0123456789ab"), "split"),
        ({"versions": {"numpy": "2"}}, Difference("version of numpy", "nothing", "2"), "split"),
        ({"commit": None}, Difference("commit", "c" * 12, "no repository"), "split"),
        ({"dirty": True}, Difference("commit", "c" * 12, "c" * 12 + ", with changes"), "split"),
        ({"device": "cuda (A)"}, Difference("device", "cpu (x86_64)", "cuda (A)"), "split"),
        ({"fetch_changes": {"versions": {"numpy": "2"}}}, Difference("version of numpy", "nothing", "2"), "fetch"),
    ],
)
def test_only_what_differs_is_told_and_where(tmp_path, changes, difference, stage):
    assert found(tmp_path, {}, changes) == {difference: [stage]}


def test_another_driver_of_a_gpu_is_told_and_nothing_of_it_beside_a_cpu(tmp_path):
    software = {"cuda": "13.2", "cudnn": "92600", "driver": "580.65.06", "tf32": False}
    left, right = ({"device": "cuda (A)", "gpu": software | {"driver": driver}} for driver in ("580.65.06", "595.1"))
    assert found(tmp_path / "two", left, right) == {Difference("driver", "580.65.06", "595.1"): ["split"]}
    assert found(tmp_path / "one", {}, left) == {Difference("device", "cpu (x86_64)", "cuda (A)"): ["split"]}


def test_a_raw_file_of_other_bytes_is_told(tmp_path):
    ((difference, stages),) = found(tmp_path, {}, {"raw": b"RAW"}).items()
    assert difference.what == "input raw"
    assert difference.left != difference.right
    assert "own/raw.npz" in difference.left
    assert stages == ["fetch"]


def test_other_bytes_from_the_same_makings_are_told(tmp_path):
    ((difference, stages),) = found(tmp_path, {}, {"split": b"SPLIT"}).items()
    assert (difference.what, stages) == ("bytes of split", ["split"])


def test_runs_are_paired_by_path_and_the_others_in_order(tmp_path):
    for name, seeds in (("a", {"none": 1, "w1": 2}), ("b", {"w1": 3, "w2": 1})):
        inputs = []
        for attack, seed in seeds.items():
            path = f"results/{name}/runs/{attack}/history.csv"
            _, maker = written(tmp_path, "train", {path: bytes([seed])}, spec={"seed": seed})
            inputs.append(("history", path, maker))
        written(tmp_path, "summary", {f"results/{name}/summary.txt": b""}, tuple(inputs))
    paths = [tmp_path / f"results/{name}/summary.manifest.json" for name in ("a", "b")]
    assert diff(*paths, Histories(tmp_path)) == {Difference("setting seed", "2", "3"): ["train"]}


def test_two_runs_of_a_study_differ_in_their_attack(finished):
    run = "results/smoke/runs/digits/mlenet/he/adam"
    files = [f"{run}/{attack}/trained/solutions.safetensors" for attack in ("none", "w0.1-n100")]
    environment = {"PYTHONPATH": str(finished.root / "workflow"), "PATH": "/usr/bin:/bin"}
    line = [sys.executable, "-m", "lossbasins", "diff"]
    done = subprocess.run(
        [*line, *files], cwd=finished.root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    told = [row.split("  ")[0] for row in done.stdout.splitlines()[1:]]
    assert sorted(told) == ["setting attack", "setting seeds.0", "setting seeds.1"]
    done = subprocess.run(
        [*line, files[0], files[0]], cwd=finished.root, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "no difference\n")


def test_files_without_a_match_share_a_line():
    alone = {Difference("input evaluation", f"results/a/{n}.csv 0{n}", "nothing"): ["table"] for n in range(3)}
    other = {Difference("input evaluation", "nothing", "results/b/9.csv 09"): ["table"]}
    screen = io.StringIO()
    print_differences(
        {**alone, **other, Difference("setting seed", "1", "2"): ["train"]}, Console(file=screen, width=200)
    )
    lines = screen.getvalue().splitlines()
    assert len(lines) == 1 + 3
    assert any("3 files without a match, such as results/a/0.csv" in line and "table (3)" in line for line in lines)
    assert any("results/b/9.csv 09" in line for line in lines)
