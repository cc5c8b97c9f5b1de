"""A finished study without what Snakemake remembers of it: its manifests say what is done."""

import os
import random
import shutil
import zipfile

import pytest

from lossbasins.provenance.manifest import sha256_of
from tests.workflow.conftest import SMOKE, Project, copied_project

SPLIT = "results/smoke/data/digits/split.npz"
TABLE = "results/smoke/tables/spectrum.csv"


def extracted(source, root):
    """As a crate that was unpacked by Python: files are as new as they came, in the order of their names."""
    archive = root.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(source.rglob("*"), reverse=True):
            file.write(path, path.relative_to(source.parent))
    zipfile.ZipFile(archive).extractall(root)


def copied(source, root):
    """As by `cp -r`, in any order."""
    shutil.copytree(source, root / source.name, copy_function=shutil.copyfile)
    files = [path for path in root.rglob("*") if path.is_file()]
    random.Random(1).shuffle(files)
    for age, path in enumerate(files):
        os.utime(path, (2e9 - age, 2e9 - age))


@pytest.fixture(params=[extracted, copied])
def copy(request, finished, tmp_path) -> Project:
    root = tmp_path / "copy"
    root.mkdir()
    project = copied_project(root)
    request.param(finished.root / "results", root)
    return project


def said(project, *arguments):
    done = project.snakemake(*arguments, "--dry-run", "--configfile", SMOKE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_nothing_of_a_copy_is_made_again_and_an_edit_concerns_what_it_concerned_there(copy, project):
    results = {path: sha256_of(path) for path in copy.root.glob("results/**/*") if path.is_file()}
    first = said(copy)
    assert f"{len(list(copy.root.rglob('*.manifest.json')))} results came with manifests" in first
    assert "Nothing to be done" in first
    assert "came with manifests" not in said(copy)
    assert {path: sha256_of(path) for path in results} == results
    (copy.root / SPLIT).unlink()
    assert copy.planned() == {}
    for edited in (copy, project):
        edited.edit(SMOKE, "epochs: 30", "epochs: 29")
        edited.edit(SMOKE, "orders: [3, 8]", "orders: [3, 7]")
    shutil.copy(project.root / SPLIT, copy.root / SPLIT)
    planned = project.planned()
    assert {"train", "curve_fitting"} <= planned.keys()
    assert copy.planned() == planned


@pytest.mark.parametrize("path", [SPLIT, TABLE, f"{SPLIT.rpartition('/')[0]}/split.manifest.json"])
def test_what_is_not_as_recorded_is_made_again(copy, path):
    file = copy.root / path
    file.write_bytes(file.read_bytes().replace(b"0", b"1", 1))
    reason = "the manifest was edited" if path.endswith(".json") else "bytes differ"
    told = said(copy)
    assert f"are made again; the first is {path}: {reason}" in told
    assert f"rule {'split' if 'split' in path else 'spectrum_table'}:" in told
