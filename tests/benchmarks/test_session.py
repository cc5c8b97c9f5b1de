"""Steps that hang, fail or die are recorded, and the next ones go on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.configurations import ROOT

PROGRAM = """
import json, os, subprocess, sys, time
from pathlib import Path
from gpu_steps import session
from gpu_steps.session import Step
from gpu_steps.setting import Setting

out = Path(sys.argv[1])

def good(setting, report):
    report("seen", 1)

def hangs(setting, report):
    child = subprocess.Popen(["sleep", "60"])
    report("child", child.pid)
    report("progress", "half")
    report("progress", "most")
    time.sleep(60)

def fails(setting, report):
    report("before", 2)
    raise ValueError("no such thing")

def dies(setting, report):
    report("before", 3)
    os.abort()

def reads(setting, report):
    report("written", True)
    found = []
    while "written" not in found:
        found = [row["what"] for step in json.loads((out / "gpu.json").read_text())["steps"] for row in step["rows"]]
    report("found", " ".join(found))

steps = [Step(f.__name__, f, 2) for f in (good, hangs, fails, dies, reads)]
session.run(steps, Setting(out, None, 1), out, {"card": "none"}, time.monotonic())
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("session")
    command = [sys.executable, "-c", PROGRAM, str(out)]
    subprocess.run(command, cwd=ROOT / "benchmarks", check=True, capture_output=True)
    return json.loads((out / "gpu.json").read_text()), out


@pytest.fixture
def steps(written):
    return {step["name"]: step for step in written[0]["steps"]}


def rows_of(step):
    return {row["what"]: row["value"] for row in step["rows"]}


def test_each_step_says_how_it_ended(steps):
    states = {name: step["state"] for name, step in steps.items()}
    assert states == {
        "good": "ok",
        "hangs": "out of time",
        "fails": "failed",
        "dies": "ended with exit status -6",
        "reads": "ok",
    }
    assert steps["fails"]["error"].strip().endswith("ValueError: no such thing")


def test_what_was_found_before_stays_and_a_later_row_stands_for_an_earlier(steps):
    assert rows_of(steps["hangs"]).pop("progress") == "most"
    assert rows_of(steps["fails"]) == {"before": 2}
    assert rows_of(steps["dies"]) == {"before": 3}


def test_rows_are_written_while_their_step_runs(steps):
    assert rows_of(steps["reads"])["found"].startswith("seen child progress before before written")


def test_a_step_that_hangs_ends_with_all_that_it_started(steps):
    child = rows_of(steps["hangs"])["child"]
    status = Path(f"/proc/{child}/status")
    assert not status.exists() or "Z (zombie)" in status.read_text()


def test_a_step_has_what_those_before_it_left_over_and_no_more(steps):
    assert 3 < steps["hangs"]["limit"] < 4
    assert 3 < steps["hangs"]["seconds"] < 5
    assert 1 < steps["fails"]["limit"] <= 2.1


def test_the_log_says_where_a_step_hung(written):
    log = (written[1] / "log.txt").read_text()
    assert "in hangs" in log
    assert "Fatal Python error: Aborted" in log
