"""The environments agree with each other."""

import re
import subprocess
import sys
import tomllib

import grimp
import pytest
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
    assert set(conda) == required(project["dependencies"]) | required(project["optional-dependencies"]["study"])
    lock = pinned("requirements.lock")
    assert conda == {name: lock[name] for name in conda}


def test_the_development_lock_extends_the_lock():
    assert pinned("requirements.lock").items() <= pinned("requirements-dev.lock").items()


def test_locks_name_no_index_and_hash_everything():
    for path in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / path).read_text()
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")


def test_curvature_imports_what_is_installed_with_it_alone():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    graph = grimp.build_graph("lossbasins", include_external_packages=True)
    modules = graph.find_descendants("lossbasins.curvature") | {"lossbasins.curvature"}
    modules |= graph.find_upstream_modules("lossbasins.curvature", as_package=True)
    outside = {name for name in modules if graph.is_module_squashed(name)} - set(sys.stdlib_module_names)
    # torch brings typing_extensions; pictures are an extra.
    more = {"typing_extensions", *required(project["optional-dependencies"]["plots"])}
    assert required(project["dependencies"]) <= outside <= required(project["dependencies"]) | more
    drawn = graph.find_modules_that_directly_import("matplotlib")
    assert {name for name in drawn if name in modules} == {"lossbasins.curvature.plots"}


WITHOUT = """
import sys

class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "typer":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Lacking())
"""


@pytest.mark.parametrize("call", ["from lossbasins.__main__ import main; main()", "import lossbasins.curvature"])
def test_without_the_packages_of_the_study_the_command_says_so_and_curvature_works(call):
    done = subprocess.run([sys.executable, "-c", WITHOUT + call], capture_output=True, text=True, check=False)
    if "curvature" in call:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        (line,) = done.stderr.splitlines()
        assert done.returncode == 1
        assert line.startswith("lossbasins: ")
        assert "no 'typer', which the study needs: run make" in line
