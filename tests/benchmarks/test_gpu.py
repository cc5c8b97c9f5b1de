import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gpu_steps import plan

from tests.configurations import ROOT

PRETEND = ROOT.parent / "shared/gpu/pretend.py"


def gpu(*arguments, **environment):
    without_gpu = {"PATH": str(Path(sys.executable).parent), "OUT": ""}
    return subprocess.run(
        [sys.executable, "benchmarks/gpu.py", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | without_gpu | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nvidia-smi finds no GPU here; --pretend FILE rehearses the steps on a CPU"),
        (["--pretend", "nowhere.py"], "nowhere.py: no such file"),
        (
            ["--pretend", __file__, "--steps", "flying"],
            "no step flying; the steps are machine, stages, resumed, exactness, "
            "agreement, throughput, curvature, table-1, resnet-speed, resnet-cost",
        ),
    ],
)
def test_what_cannot_run_says_so_in_one_line(arguments, message, tmp_path):
    done = gpu("--out", tmp_path / "out", *arguments)
    assert done.returncode == 1
    assert done.stderr == f"gpu: {message}\n"
    assert not (tmp_path / "out").exists()


def test_a_gpu_needs_images(tmp_path):
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho NVIDIA H100\n")
    smi.chmod(0o755)
    done = gpu("--out", tmp_path / "out", PATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "gpu: name a folder with MNIST's official files: --data FOLDER\n")
    done = gpu("--out", tmp_path / "out", "--data", tmp_path, PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"gpu: {tmp_path}: no train-images-idx3-ubyte.gz in it")


def test_all_alarms_together_leave_ten_of_480_seconds():
    assert sum(step.seconds for step in plan.STEPS) <= 470


@pytest.mark.skipif(not PRETEND.is_file(), reason=f"no pretend GPU in {PRETEND}")
def test_a_rehearsal_tells_arithmetics_apart_and_measures_no_speed(tmp_path):
    done = gpu("--pretend", PRETEND, "--out", tmp_path, "--steps", "machine", "exactness")
    assert done.returncode == 0, done.stdout
    machine, exactness = json.loads((tmp_path / "gpu.json").read_text())["steps"]
    assert {row["what"] for row in machine["rows"] if row["value"] is None} >= {"driver", "copy, read and written"}
    errors = {row["what"]: row["value"] for row in exactness["rows"]}
    for name, least, most in (("float64", 0, 1e-10), ("float32", 1e-9, 1e-5), ("TF32", 1e-4, 1e-1)):
        assert least <= errors[f"{name}: relative error of the gradient"] <= most
    assert all(row["met"] for row in exactness["rows"] if row["goal"])
    assert "| driver | not measured |" in done.stdout
    assert (tmp_path / "table.md").read_text() in done.stdout
