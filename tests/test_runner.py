import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from lossbasins import catalogue, cli, jobs
from lossbasins.provenance.manifest import read_manifest, sha256_of
from lossbasins.runner import JobError, run_job
from lossbasins.specs import fetch, split, train
from lossbasins.stages import fetch as fetch_stage
from lossbasins.stages.temporary import beside

MODEL = {"architecture": "fnn"}
OPTIMIZER = {"method": "sgd", "learning_rate": 0.1, "epochs": 1}


def job_text(stage, spec):
    return jobs.job_text(catalogue.stage(stage), spec)


FETCH = job_text("fetch", fetch.Spec(source="digits"))
SPLIT = job_text("split", split.Spec(train=512, attack=600, seed=1))


def run(stage, job, inputs, outputs, **surroundings):
    surroundings = {"device": "cpu", "threads": 1, "data_dir": Path("data"), "save_every": 30} | surroundings
    return run_job(
        stage,
        job,
        {name: [path] for name, path in inputs.items()},
        {name: [path] for name, path in outputs.items()},
        **surroundings,
    )


def fetch_into(folder, **surroundings):
    outputs = {"images": folder / "images.npz", "manifest": folder / "fetch.manifest.json"}
    return run("fetch", FETCH, {}, outputs, data_dir=folder / "data", **surroundings)


def split_from(folder, job=SPLIT):
    outputs = {"split": folder / "split.npz", "manifest": folder / "split.manifest.json"}
    return run("split", job, {"images": folder / "images.npz"}, outputs)


def test_a_chain_of_jobs_leaves_outputs_and_manifests_that_pin_each_other(tmp_path):
    first = fetch_into(tmp_path)
    second = split_from(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "fetch.manifest.json",
        "images.npz",
        "split.manifest.json",
        "split.npz",
    ]
    assert read_manifest(tmp_path / "split.manifest.json") == second
    assert [source.name for source in first.inputs] == ["source"]
    (read,) = second.inputs
    assert (read.maker, read.sha256) == (first.id, sha256_of(tmp_path / "images.npz"))
    (written,) = second.outputs
    assert written.sha256 == sha256_of(tmp_path / "split.npz")


def test_the_id_and_the_bytes_are_the_same_elsewhere(tmp_path):
    results = []
    for folder in (tmp_path / "here", tmp_path / "there"):
        fetch_into(folder, threads=2 if folder.name == "there" else 1)
        results.append(split_from(folder))
    here, there = results
    assert here.id == there.id
    assert here.outputs[0].sha256 == there.outputs[0].sha256


def test_other_code_than_planned_is_refused(tmp_path):
    planned = json.dumps(json.loads(FETCH) | {"code": "0" * 64})
    with pytest.raises(JobError, match="its code has changed since this job was planned; run the study again"):
        run("fetch", planned, {}, {"images": tmp_path / "i.npz", "manifest": tmp_path / "m.json"})
    assert list(tmp_path.iterdir()) == []


def test_other_versions_than_planned_are_refused(tmp_path):
    job = json.loads(FETCH)
    job["versions"]["numpy"] = "1.0"
    with pytest.raises(JobError, match=r"other versions than planned.*1\.0"):
        run("fetch", json.dumps(job), {}, {"images": tmp_path / "i.npz", "manifest": tmp_path / "m.json"})


def test_an_input_that_is_not_what_its_manifest_records_is_refused(tmp_path):
    fetch_into(tmp_path)
    with (tmp_path / "images.npz").open("ab") as file:
        file.write(b"x")
    with pytest.raises(JobError, match=r"images\.npz: not the bytes that its manifest records"):
        split_from(tmp_path)
    assert not (tmp_path / "split.npz").exists()


def test_a_stage_that_fails_leaves_nothing_and_loses_nothing(tmp_path):
    fetch_into(tmp_path)
    split_from(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    too_many = job_text("split", split.Spec(train=5000, attack=0, seed=1))
    with pytest.raises(ValueError, match="5000"):
        split_from(tmp_path, too_many)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_an_error_and_not_a_slow_run(tmp_path):
    spec = train.Spec(model=MODEL, init={}, optimizer=OPTIMIZER, attack=None, seeds=(1,))
    outputs = {"solutions": tmp_path / "s", "history": tmp_path / "h", "manifest": tmp_path / "m"}
    fetch_into(tmp_path)
    split_from(tmp_path)
    with pytest.raises(JobError, match="device: given 'cuda', but no GPU is to be seen here"):
        run("train", job_text("train", spec), {"split": tmp_path / "split.npz"}, outputs, device="cuda")


@pytest.mark.parametrize(
    ("stage", "job", "inputs", "outputs", "message"),
    [
        ("fly", FETCH, {}, {}, "no stage 'fly'"),
        ("fetch", "{", {}, {}, "no JSON text"),
        ("fetch", FETCH, {}, {"images": "a"}, "outputs lack manifest"),
        ("fetch", FETCH, {"image": "a"}, {"images": "a", "manifest": "m"}, "inputs: given image; allowed: raw"),
        ("fetch", FETCH, {}, {"manifest": "m"}, "outputs: images takes one path, given 0"),
        ("split", SPLIT, {"images": "nowhere.npz"}, {"split": "a", "manifest": "m"}, "nowhere.npz: no such file"),
        ("split", FETCH, {"images": "a"}, {"split": "a", "manifest": "m"}, "split: spec.train"),
    ],
)
def test_a_wrong_call_is_one_clear_line(stage, job, inputs, outputs, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = [f"--input={name}={path}" for name, path in inputs.items()]
    files += [f"--output={name}={path}" for name, path in outputs.items()]
    command = [sys.executable, "-m", "lossbasins", "run", stage, "--job", job, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert message in line
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_is_ended_leaves_nothing(tmp_path):
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (4000, 28, 28), dtype=np.uint8)
    np.savez(tmp_path / "mine.npz", train_images=images, train_labels=np.arange(4000) % 10)
    job = job_text("split", split.Spec(train=2000, attack=100, image_size=512, seed=1))
    images_path = tmp_path / "out" / "images.npz"
    run(
        "fetch",
        job_text("fetch", fetch.Spec(source="npz", options={"path": str(tmp_path / "mine.npz")})),
        {"raw": tmp_path / "mine.npz"},
        {"images": images_path, "manifest": images_path.with_name("fetch.manifest.json")},
    )
    files = [
        f"--input=images={images_path}",
        f"--output=split={tmp_path / 'late' / 'split.npz'}",
        f"--output=manifest={tmp_path / 'late' / 'split.manifest.json'}",
    ]
    process = subprocess.Popen([sys.executable, "-m", "lossbasins", "run", "split", "--job", job, *files])
    while not (tmp_path / "late").exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM
    assert list((tmp_path / "late").iterdir()) == []


def test_a_job_that_is_ended_says_so_whatever_its_way_out_became(monkeypatch):
    def importing(*_, **__):
        try:
            signal.raise_signal(signal.SIGTERM)
        except SystemExit as ended:
            raise TypeError("as NumPy does while it is being imported") from ended

    monkeypatch.setattr(cli, "run_job", importing)
    done = CliRunner().invoke(cli.app, ["run", "fetch", "--job", FETCH])
    assert done.exit_code == 128 + signal.SIGTERM


def test_operations_without_a_deterministic_algorithm_are_named_in_the_manifest(tmp_path, monkeypatch):
    original = fetch_stage.run

    def run_with_such_an_operation(*arguments):
        torch.zeros(3).put_(torch.tensor([1]), torch.ones(1))
        original(*arguments)

    assert fetch_into(tmp_path / "plain").nondeterministic == []
    monkeypatch.setattr(fetch_stage, "run", run_with_such_an_operation)
    torch.use_deterministic_algorithms(True, warn_only=True)
    (name,) = fetch_into(tmp_path / "other").nondeterministic
    torch.use_deterministic_algorithms(False)
    assert "put_" in name


def test_what_a_job_warns_of_at_every_step_is_told_once(tmp_path, monkeypatch):
    original = fetch_stage.run

    def run_with_warnings(*arguments):
        for step in range(1000):
            warnings.warn("slow", UserWarning, stacklevel=1)
            if step % 500 == 0:
                warnings.warn(f"step {step}", UserWarning, stacklevel=1)
        original(*arguments)

    monkeypatch.setattr(fetch_stage, "run", run_with_warnings)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        fetch_into(tmp_path)
    assert [str(warning.message) for warning in told] == ["slow", "step 0", "step 500"]


def test_a_state_that_a_killed_job_had_half_written_is_swept(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    half = beside(tmp_path / ".fetch.state")
    half = half.with_name(half.name.replace(str(os.getpid()), str(dead.pid)))
    half.write_bytes(b"half")
    fetch_into(tmp_path)
    assert not half.exists()
