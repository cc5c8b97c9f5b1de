"""What the profile asks SLURM for, and what jobs say of what they got."""

import json

import pytest

from lossbasins.provenance.manifest import read_manifest
from tests.slurm.conftest import LOG, POINT, STUDY
from tests.workflow.conftest import copied_project


def test_jobs_get_what_the_profile_says_and_record_it(undisturbed, cluster):
    train = read_manifest(undisturbed.root / POINT / "train.manifest.json").scheduler
    assert (train.partition, train.gpus, train.cpus) == ("gpu", 1, 4)
    assert (train.time_limit, train.memory) == ("2:00:00", "8000M")
    assert train.node == cluster.node
    assert 100 < train.peak_memory_mb < 8000
    evaluate = read_manifest(undisturbed.root / POINT / "evaluate.manifest.json").scheduler
    assert (evaluate.partition, evaluate.gpus, evaluate.cpus) == ("cpu", 0, 1)
    split = read_manifest(undisturbed.root / STUDY / "data/digits/split.manifest.json").scheduler
    assert split.partition == "cpu"


def test_downloads_happen_where_the_study_was_started(undisturbed):
    manifest = json.loads((undisturbed.root / STUDY / "data/digits/fetch.manifest.json").read_text())
    assert manifest["scheduler"] is None


def test_a_gpu_that_was_promised_and_is_not_there_ends_the_job_in_one_line(project):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("the GPU of this machine would be used")
    process = project.start("--config", "device=auto", "--retries", "0")
    process.communicate()
    assert process.returncode == 1
    (line,) = [line for line in (project.root / LOG).read_text().splitlines() if "lossbasins:" in line]
    assert "SLURM gave this job 1 GPU on" in line
    assert "set device to cpu" in line


@pytest.mark.usefixtures("cluster")
def test_one_line_serves_a_cluster_without_gpus(tmp_path):
    project = copied_project(tmp_path)
    project.edit("slurm/config.v9+.yaml", "gpus: 1", "gpus: 0")
    done = project.snakemake("--profile", "slurm", "--dry-run", "--configfile", "studies/smoke.yaml")
    assert done.returncode == 0, done.stderr
    assert "slurm_partition=cpu" in done.stdout
    assert "slurm_partition=gpu" not in done.stdout


@pytest.mark.usefixtures("cluster")
def test_partitions_and_account_change_from_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setenv("LOSSBASINS_CPU_PARTITION", "short")
    monkeypatch.setenv("LOSSBASINS_GPU_PARTITION", "a100")
    monkeypatch.setenv("LOSSBASINS_ACCOUNT", "physics")
    project = copied_project(tmp_path)
    done = project.snakemake("--profile", "slurm", "--dry-run", "--configfile", "studies/smoke.yaml")
    assert done.returncode == 0, done.stderr
    for given in ("slurm_partition=short", "slurm_partition=a100", "slurm_account=physics"):
        assert given in done.stdout
    assert "slurm_partition=cpu" not in done.stdout
