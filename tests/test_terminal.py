"""What a person sees of a run, beside real runs of a small workflow."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lossbasins.terminal import last_line, progress, running

SNAKEFILE = """
rule figure:
    output:
        "results/s/figures/{name}.pdf",
    log:
        "logs/{name}.log",
    shell:
        "sleep {wildcards.name} 2> {log}; touch {output}"
"""


@pytest.fixture
def started(tmp_path):
    """Starts snakemake on a figure that takes so many seconds."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    command = [
        shutil.which("snakemake", path=str(Path(sys.executable).parent)),
        "--logger",
        "lossbasins",
        "--cores",
        "1",
    ]

    def start(seconds):
        environment = os.environ | {"LOSSBASINS_GO_ON": "make CONFIG=a.yaml"}
        return subprocess.Popen(
            [*command, f"results/s/figures/{seconds}.pdf"],
            cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    return start


def test_a_figure_is_named_as_it_comes(started):
    _, said = started(0).communicate(timeout=120)
    assert "results/s/figures/0.pdf" in said.splitlines()


def test_an_interrupted_run_ends_in_one_line_that_says_what_to_type(started, tmp_path):
    run = started(300)
    for _ in range(600):
        if (tmp_path / "logs/300.log").exists():
            break
        time.sleep(0.1)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=120)
    assert run.returncode
    assert "Traceback" not in said
    assert "Error" not in said
    assert [line for line in said.splitlines() if line][-1] == "Stopped. To go on from here: make CONFIG=a.yaml"


def test_a_running_job_is_told_by_what_it_last_said_with_the_time_first(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("train: epoch 1/9, at most 80 s left\ntrain: epoch 2/9, at most 70 s left\ntrain: epo")
    job = running(
        {"rule_name": "train", "wildcards": {"study": "s", "model": "m"}, "log": [str(log)], "output": ["a.csv"]}
    )
    assert list(progress({1: job})) == ["train m: at most 70 s left; epoch 2/9"]


def test_an_older_log_and_a_missing_one_say_nothing(tmp_path):
    log = tmp_path / "old.log"
    log.write_text("train: epoch 9/9\n")
    assert last_line(log, since=time.time() + 60) == ""
    assert last_line(tmp_path / "none.log", since=0) == ""
