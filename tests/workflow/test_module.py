"""The study as a Snakemake module of another workflow, with a package and data of its own."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from lossbasins.provenance.fingerprint import syntax_digest
from lossbasins.provenance.manifest import read_manifest
from tests.workflow.conftest import copied_project

SNAKEFILE = """
configfile: "ours.yaml"


module basins:
    snakefile:
        "../study/Snakefile"
    config:
        config["basins"]
    prefix:
        "landscapes"


use rule * from basins as basins_*


rule fetch:
    output:
        "fetched.txt",
    shell:
        "python -c 'import lossbasins, ours; print(lossbasins.__file__, ours.NAME)' > {output}"


rule sizes:
    default_target: True
    input:
        expand("landscapes/results/mine/data/{dataset}/split.npz", dataset=["digits", "own"]),
        "fetched.txt",
    output:
        "sizes.txt",
    shell:
        "wc -c {input} > {output}"
"""
OURS = """
basins:
  study: mine
  replicas: 2
  datasets:
    own: {source: npz, options: {path: own.npz}, train: 400, attack: 300, image_size: null}
  experiments:
    two_layer: null
"""


class Outer:
    """Another workflow, beside a copy of this project whose package differs from the one that is installed."""

    def __init__(self, root):
        (root / "study").mkdir()
        self.study, self.root = copied_project(root / "study"), root / "outer"
        split = self.study.root / "workflow/lossbasins/stages/split.py"
        split.write_text(f"{split.read_text()}\nOF_THE_MODULE = True\n")
        self.split = split.read_text()
        (self.root / "lib").mkdir(parents=True)
        (self.root / "lib/ours.py").write_text("NAME = 'ours'\n")
        (self.root / "Snakefile").write_text(SNAKEFILE)
        (self.root / "ours.yaml").write_text(OURS)
        images = np.random.default_rng(0).integers(0, 256, (900, 8, 8), dtype=np.uint8)
        np.savez(self.root / "own.npz", train_images=images, train_labels=np.arange(900) % 10)

    def snakemake(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": "lib"},
            capture_output=True,
            text=True,
            check=False,
        )

    def said(self, *arguments):
        done = self.snakemake(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def outer(tmp_path):
    return Outer(tmp_path)


def test_jobs_of_a_module_run_its_own_package_under_its_prefix(outer):
    outer.said()
    data = outer.root / "landscapes/results/mine/data"
    assert (outer.root / "sizes.txt").read_text().count("split.npz") == 2
    manifest = read_manifest(data / "digits/split.manifest.json")
    assert manifest.modules["lossbasins.stages.split"] == syntax_digest(outer.split)
    assert manifest.spec["train"] == 512  # of the module's config.yaml
    imported, name = (outer.root / "fetched.txt").read_text().split()
    assert str(outer.study.root) in imported
    assert name == "ours"
    assert not (outer.root / "results").exists()
    assert "Nothing to be done" in outer.said()
    shutil.rmtree(outer.root / ".snakemake")
    assert "4 results came with manifests" in outer.said("--dry-run")
    assert "Nothing to be done" in outer.said("--dry-run")


def test_a_module_plans_its_whole_study_by_its_configuration(outer):
    planned = outer.said("basins_all", "--dry-run")
    assert "basins_summary" in planned
    assert "landscapes/results/mine/figures/volume.pdf" in planned
    assert "basins_two_layer" not in planned


def test_a_wrong_key_of_a_module_is_one_line(outer):
    (outer.root / "ours.yaml").write_text(OURS.replace("replicas: 2", "replica: 2"))
    done = outer.snakemake("--dry-run")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "Traceback" not in said
    (line,) = [line for line in said.splitlines() if line.startswith("config: ")]
    assert line.startswith("config: replica: ")


def test_another_lossbasins_that_was_imported_before_does_not_matter(outer):
    file = outer.root / "Snakefile"
    file.write_text(f"import lossbasins.study\n{file.read_text()}")
    outer.said("landscapes/results/mine/data/digits/split.npz")
