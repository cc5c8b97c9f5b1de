"""Where a study runs, and what it is called: nothing that a user has to know."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.workflow.conftest import copied_project

SMOKE = "studies/smoke.yaml"
SPLIT = "results/{}/data/digits/split.npz"


def test_a_study_runs_in_any_folder_without_activation(tmp_path):
    folder = tmp_path / "it's R&D (1) at $HOME, größer"
    folder.mkdir()
    project = copied_project(folder)
    another = tmp_path / "bin/python"
    another.parent.mkdir()
    another.write_text("#!/bin/sh\necho 'another python' >&2\nexit 99\n")
    another.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", SPLIT.format("smoke"), "--cores", "1", "--configfile", SMOKE],
        cwd=project.root,
        env=os.environ | {"PATH": f"{another.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project.root / SPLIT.format("smoke")).is_file()


@pytest.mark.parametrize(("more", "study"), [([], "quick"), (["--config", "study=own"], "own")])
def test_an_overlay_without_a_name_is_called_as_its_file(tmp_path, more, study):
    project = copied_project(tmp_path)
    shutil.copy(project.root / SMOKE, project.root / "studies/quick.yaml")
    project.edit("studies/quick.yaml", "study: smoke\n", "")
    done = project.snakemake(SPLIT.format(study), "--dry-run", "--configfile", "studies/quick.yaml", *more)
    assert done.returncode == 0, done.stderr


def test_a_key_given_twice_is_one_line(tmp_path):
    project = copied_project(tmp_path)
    (project.root / "studies/odd.yaml").write_text("study: odd\nseed: 5\nseed: 6\n")
    done = project.snakemake("--dry-run", "--configfile", "studies/odd.yaml")
    assert done.returncode == 1
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("config")]
    assert line.endswith("studies/odd.yaml, line 3: seed was given in line 2 already; keep one of the two")
