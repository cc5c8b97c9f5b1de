"""What `envs/wheelhouse.sh` asks pip for."""

import os
import subprocess

import pytest

from lossbasins import catalogue
from lossbasins.provenance.fingerprint import code_of
from tests.configurations import ROOT

USUAL = {"torch", "numpy", "scipy", "pandas", "pillow", "scikit-learn", "rich"}
"""What is on a machine for machine learning, as docs/cluster.md says."""


@pytest.fixture
def wheelhouse(tmp_path):
    """Runs the script; pip is a stand-in that prints its arguments and requirements."""
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\necho "$@"\nwhile [ "$1" != --requirement ]; do shift; done\ncat "$2"\n')
    python.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}

    def run(*arguments):
        command = [ROOT / "envs/wheelhouse.sh", *arguments]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def requirements(done):
    assert done.returncode == 0, done.stderr
    blocks = done.stdout.split("\n", 1)[1].replace("\\\n", " ").splitlines()
    return {line.split("==")[0]: line for line in blocks if "==" in line}


def test_it_gathers_what_jobs_import_and_a_machine_lacks(wheelhouse):
    gathered = requirements(wheelhouse("wheels"))
    stages = ("train", "evaluate", "polish", "spectrum", "frobenius", "curve_fitting", "two_layer", "convex")
    stages += ("guess_and_check_count",)
    imported = {
        name.lower().replace("_", "-") for stage in stages for name in code_of(catalogue.stage(stage).module).versions
    }
    assert imported - {"python"} <= gathered.keys() | USUAL
    assert {"grimp", "pydantic", "pydantic-core"} <= gathered.keys()
    assert not gathered.keys() & USUAL


def test_all_have_hashes(wheelhouse):
    for line in requirements(wheelhouse("wheels")).values():
        assert "--hash=sha256:" in line


def test_python_and_more_packages_are_named(wheelhouse):
    assert "--python-version 3.12 " in wheelhouse("wheels").stdout
    done = wheelhouse("wheels", "3.11", "scipy", "pandas")
    assert "--python-version 3.11 " in done.stdout
    assert "--dest wheels " in done.stdout
    assert {"scipy", "pandas", "grimp"} <= requirements(done).keys()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "wheelhouse: name a folder: envs/wheelhouse.sh FOLDER [PYTHON_VERSION [PACKAGE...]]"),
        (["wheels", "3.12", "no-such"], "wheelhouse: no 'no-such' in requirements-dev.lock; name packages as it does"),
    ],
)
def test_a_wrong_call_is_one_clear_line(arguments, message, wheelhouse):
    done = wheelhouse(*arguments)
    assert done.returncode != 0
    assert (done.stdout, done.stderr) == ("", message + "\n")
