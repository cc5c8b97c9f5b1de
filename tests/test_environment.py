"""The environments agree with each other."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement

from tests.configurations import ROOT


def pinned(path, python="3.11.0"):
    """Versions by name, for one version of Python."""
    lines = re.findall(r"^([A-Za-z0-9._-]+==[^\\\n]+)", (ROOT / path).read_text(), flags=re.MULTILINE)
    requirements = [Requirement(line) for line in lines]
    environment = {"python_full_version": python, "python_version": python[:4], "sys_platform": "linux"}
    return {
        requirement.name: str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }


def required(group):
    return {re.split(r"[<>=]", requirement)[0] for requirement in group}


def test_the_conda_environment_has_the_versions_of_the_lock():
    dependencies = yaml.safe_load((ROOT / "envs/lossbasins.yaml").read_text())["dependencies"]
    (packages,) = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
    conda = dict(package.split("==") for package in packages)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(conda) == required(project["dependencies"])
    lock = pinned("requirements.lock")
    assert conda == {name: lock[name] for name in conda}


def test_the_development_lock_extends_the_lock():
    assert pinned("requirements.lock").items() <= pinned("requirements-dev.lock").items()


def test_locks_name_no_index_and_hash_everything():
    for path in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / path).read_text()
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
