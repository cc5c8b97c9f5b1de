"""What the commands say where their answer cannot be printed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RESULT = next((Path(__file__).parents[1] / "results/published/landscapes").rglob("*.manifest.json"))
DIFF = f"{sys.executable} -m lossbasins diff {RESULT} {RESULT}"


def in_shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, shell=True, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_answer_that_cannot_be_printed_has_no_answers_status() -> None:
    done = in_shell(f"{DIFF} > /dev/full")
    assert done.returncode == os.EX_IOERR
    assert done.stderr == "lossbasins: the answer could not be printed: No space left on device\n"


def test_without_a_standard_output_the_status_is_the_answer() -> None:
    done = in_shell(f"{DIFF} >&-")
    assert done.returncode == 0, done.stderr
    assert not done.stderr
