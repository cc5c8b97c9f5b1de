"""What the commands say of the file of a study, and where their answer cannot be printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESULT = next((ROOT / "results/published/landscapes").rglob("*.manifest.json"))
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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("replicas: 2", ""),
        (
            "replicass: 3\nexperiments: {volumess: {}}",
            "lossbasins: experiments.volumess: unknown key; .*\nlossbasins: replicass: unknown key; allowed: .*\n",
        ),
        (
            "experiments: {convex: {dataset: none-such}}",
            "lossbasins: experiments.convex.dataset: given 'none-such'.*\n",
        ),
        ("study: digits\nreplicas: [", "lossbasins: .*mine.yaml is no YAML: .*\n"),
    ],
)
def test_check_says_all_that_is_wrong_with_the_file_of_a_study(
    tmp_path: Path, content: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    monkeypatch.chdir(ROOT)
    done = in_shell(f"{sys.executable} -m lossbasins check {path}")
    assert re.fullmatch(said, done.stderr), done.stderr
    assert done.returncode == bool(said)
