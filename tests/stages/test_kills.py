"""A training that is killed goes on, and ends with the same bytes as one that never was."""

import io
import multiprocessing
import random
import signal
import sys
import time

import pytest

from lossbasins import catalogue
from lossbasins.jobs import job_text
from lossbasins.runner import run_job
from lossbasins.specs import train
from tests.stages.conftest import ATTACK, MODEL

OPTIMIZER = {"method": "momentum", "learning_rate": 0.02, "batch": 16, "epochs": 80, "schedule": "cosine"}
SPEC = train.Spec(model=MODEL, init={}, optimizer=OPTIMIZER, attack=ATTACK, seeds=(1, 2))
JOB = job_text(catalogue.stage("train"), SPEC)
KILLS = 20

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([__name__, "lossbasins.stages.train"])


def train_into(folder, split_path):
    sys.stderr = io.StringIO()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    outputs = {"solutions": "solutions.safetensors", "history": "history.csv", "manifest": "train.manifest.json"}
    run_job(
        "train",
        JOB,
        {"split": [split_path]},
        {name: [folder / file] for name, file in outputs.items()},
        device="cpu",
        threads=1,
        data_dir=folder,
        save_every=0.05,
    )


def start(folder, split_path):
    process = processes.Process(target=train_into, args=(folder, split_path))
    process.start()
    return process


def finish(folder, split_path):
    process = start(folder, split_path)
    process.join()
    assert process.exitcode == 0


@pytest.fixture(scope="module")
def undisturbed(split_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    finish(folder, split_path)
    return folder


def test_twenty_kills_at_random_moments_change_no_byte(undisturbed, split_path, tmp_path):
    moments = random.Random(1)
    started = time.monotonic()
    finish(tmp_path / "timed", split_path)
    seconds = time.monotonic() - started
    resumed = 0
    for number in range(KILLS):
        folder = tmp_path / str(number)
        process = start(folder, split_path)
        if number < KILLS / 2:  # anywhere between its start and its end
            time.sleep(moments.uniform(0, seconds))
        else:  # while it trains
            while process.is_alive() and not (folder / ".train.state").exists():
                time.sleep(0.001)
            time.sleep(moments.uniform(0, seconds / 4))
        (process.terminate if number % 2 else process.kill)()
        process.join()
        resumed += (folder / ".train.state").exists()
        finish(folder, split_path)
        for name in ("solutions.safetensors", "history.csv"):
            assert (folder / name).read_bytes() == (undisturbed / name).read_bytes()
        assert sorted(path.name for path in folder.iterdir()) == [
            "history.csv",
            "solutions.safetensors",
            "train.manifest.json",
        ]
    assert resumed >= KILLS / 4
