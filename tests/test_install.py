"""What `make` says where it cannot set up: one clear line each."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.configurations import ROOT

LOCK = "nosuchpackage==1.0 --hash=sha256:" + 64 * "0" + "\n"


@pytest.fixture
def project(tmp_path):
    for name in ("Makefile", "pyproject.toml", "envs", "workflow/lossbasins/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.lock").write_text(LOCK)
    (tmp_path / "bin").mkdir()
    return tmp_path


def command(project, name, script):
    path = project / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def make(project, *arguments, **environment):
    index = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_CONFIG_FILE": os.devnull,
    }
    path = f"{project / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["make", "study", *arguments],
        cwd=project,
        env=os.environ | index | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def said(done):
    """The one line of ours; make adds that the target failed."""
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert line.startswith("lossbasins: ")
    return line


def test_no_python(project):
    line = said(make(project, "PYTHON=python9.9"))
    assert "no 'python9.9' here; install Python 3.11 or newer" in line


def test_an_old_python(project):
    old = command(project, "python-old", 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    line = said(make(project, f"PYTHON={old}"))
    assert "Python 3.9.2 is too old; Python 3.11 or newer is needed" in line


def test_no_venv_module(project):
    crippled = command(project, "python-crippled", f'[ "$1" = -m ] && exit 1; exec "{sys.executable}" "$@"')
    line = said(make(project, f"PYTHON={crippled}"))
    assert "install its venv module" in line
    assert not (project / ".venv").exists()


def test_a_full_disk(project):
    command(project, "df", 'printf "Filesystem 1M-blocks Used Available\\ndisk 100 88 12\\n"')
    line = said(make(project, f"PYTHON={sys.executable}"))
    assert "12 MiB of disk are free here; the environment needs 8000 MiB" in line


def test_a_disk_that_fills_up_on_the_way(project):
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").symlink_to(sys.executable)
    pip = command(project, "pip", "echo 'ERROR: [Errno 28] No space left on device'; exit 1")
    pip.rename(project / ".venv/bin/pip")
    assert "the disk is full" in said(make(project, f"PYTHON={sys.executable}"))


def test_no_network(project):
    line = said(make(project, f"PYTHON={sys.executable}"))
    assert "the package index cannot be reached; check the network, then run make again" in line
    assert not (project / ".venv/installed").exists()


def test_what_is_downloaded_is_said_before_and_as_it_comes(project):
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").symlink_to(sys.executable)
    script = "echo '  Downloading torch-2.whl (915.3 MB)'; echo '  Downloading six-1.whl (11 kB)'; sleep 3; exit 1"
    command(project, "pip", script).rename(project / ".venv/bin/pip")
    lines = make(project, f"PYTHON={sys.executable}").stdout.splitlines()
    assert lines[0].startswith("Downloading the 1 packages of requirements.lock into .venv: 3.2 GB")
    assert lines[2:] == ["  torch-2.whl, 915.3 MB"]


def test_a_study_that_is_not_there(project):
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/lossbasins").symlink_to(Path(sys.executable).with_name("lossbasins"))
    for name in ("pyproject.toml", "requirements.lock", "envs/install.sh"):
        os.utime(project / name, (0, 0))
    (project / ".venv/installed").touch()
    line = said(make(project, "CONFIG=studies/mnst.yaml"))
    assert line == (
        "lossbasins: studies/mnst.yaml cannot be read: No such file or directory; studies/ has those of this project"
    )


def test_help_lists_the_targets(project):
    command = ["make", "--no-print-directory", "help"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    targets = ["study", "explore", "report", "crate", "test", "lint", "docs", "schema", "lock", "help"]
    assert [line.split()[1] for line in done.stdout.splitlines()] == targets
