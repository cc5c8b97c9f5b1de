"""A copy of the project in which the smoke study has run once."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from tests.configurations import ROOT

PARTS = ("Snakefile", "config.yaml", "workflow", "studies", "profiles", "slurm", "envs")
SMOKE = "studies/smoke.yaml"


@dataclass(frozen=True)
class Project:
    """A copy of the project, in which files may be edited."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """In which its own package is found."""
        return os.environ | {
            "PYTHONPATH": str(self.root / "workflow"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the real Snakemake."""
        return subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def planned(self, *arguments: str, study: Sequence[str] = (SMOKE,)) -> dict[str, int]:
        """How many jobs of each rule would run."""
        done = self.snakemake("--dry-run", "--configfile", *study, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        table = (done.stdout + done.stderr).partition("Job stats:")[2]
        rows = re.findall(r"^(\w+) +(\d+)$", table.partition("total")[0], flags=re.MULTILINE)
        return {rule: int(count) for rule, count in rows if rule != "all"}

    def finish(self, *arguments: str) -> None:
        """Makes some of its files."""
        done = self.snakemake(*arguments, "--configfile", SMOKE)
        assert done.returncode == 0, done.stdout + done.stderr

    def pretend_installed(self, distribution: str, version: str) -> None:
        """Lets jobs find another version of a distribution, as after an installation of another lock."""
        metadata = self.root / f"workflow/{distribution}-{version}.dist-info/METADATA"
        metadata.parent.mkdir()
        metadata.write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces one text in one file."""
        file = self.root / path
        text = file.read_text()
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new, 1))

    def copy(self, root: Path) -> "Project":
        """Another copy, with results and what Snakemake remembers of them."""
        shutil.copytree(self.root, root, symlinks=True)
        return Project(root)


def copied_project(root: Path) -> Project:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / part)
    return Project(root)


@pytest.fixture(scope="session")
def finished(shared: Path) -> Project:
    """The smoke study, run once for all test processes; copy it before an edit."""
    root = shared / "finished"
    with FileLock(f"{root}.lock"):
        if root.exists():
            assert (root / "results/smoke/summary.txt").exists(), "another test process could not run the smoke study"
            return Project(root)
        root.mkdir()
        project = copied_project(root)
        done = project.snakemake("--configfile", SMOKE)
        assert done.returncode == 0, done.stdout + done.stderr
        return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A finished smoke study of one's own."""
    return finished.copy(tmp_path / "project")
