"""Which jobs ask for a GPU, on a machine and on a cluster: planned, not run."""

import re
from collections import defaultdict

import pytest

from lossbasins import catalogue
from tests.workflow.conftest import copied_project

STUDY = "studies/paper.yaml"
PROFILE = "profiles/default/config.v9+.yaml"
JOB = re.compile(r"^rule (\w+):\n(?:    .*\n)*?    wildcards: (.*)\n    resources: (.*)$", flags=re.MULTILINE)


def asked(project, *arguments):
    """What is asked for, by rule, or measure where it has a job of its own, and model."""
    done = project.snakemake("--dry-run", "--configfile", STUDY, *arguments)
    assert done.returncode == 0, done.stderr
    found = defaultdict(set)
    for rule, wildcards, resources in JOB.findall(done.stdout):
        model, measure = (re.search(rf"{name}=(\w+)", wildcards) for name in ("model", "measure"))
        found[measure[1] if measure else rule, model[1] if model else None].add(resources)
    return found


def gpus(resources):
    return {int(re.search(r"gpu=(\d+)", line)[1]) for line in resources}


def with_gpu(tmp_path, has_gpu):
    project = copied_project(tmp_path)
    text = (project.root / PROFILE).read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("  gpu: ?")]
    project.edit(PROFILE, line, f"  gpu: {'true' if has_gpu else 'false'}")
    return project


def test_on_a_machine_with_a_gpu_what_is_tiny_stays_on_the_cpu(tmp_path):
    project = with_gpu(tmp_path, has_gpu=True)
    found, measures = asked(project), catalogue.measures()
    for (rule, model), resources in found.items():
        large = model in ("resnet18", "resnet32")
        trained = rule in ("train", "memorise", "polish", "kick") or (rule == "evaluate" and large)
        wanted = measures[rule].gpu if rule in measures else int(trained)
        assert gpus(resources) == {wanted}, (rule, model)
    assert {"mlenet", "resnet18", "resnet32"} <= {model for rule, model in found if rule == "evaluate"}


def test_with_the_cpu_as_device_no_job_but_a_large_evaluation_takes_turns(tmp_path):
    found = asked(with_gpu(tmp_path, has_gpu=True), "--config", "device=cpu")
    assert {rule for (rule, _), resources in found.items() if gpus(resources) != {0}} == {"evaluate"}


@pytest.mark.parametrize(("has_gpu", "provided"), [(True, True), (False, False)])
def test_jobs_on_a_gpu_take_turns_where_there_is_one(tmp_path, has_gpu, provided):
    project = with_gpu(tmp_path, has_gpu)
    done = project.snakemake("results/smoke/data/digits/split.npz", "--configfile", "studies/smoke.yaml")
    assert done.returncode == 0, done.stderr
    assert ("Provided resources: gpu" in done.stderr) == provided


def test_on_a_cluster_large_networks_are_evaluated_on_a_gpu_whatever_the_submitting_host_has(tmp_path):
    found = asked(with_gpu(tmp_path, has_gpu=True), "--profile", "slurm")
    for (rule, model), resources in found.items():
        if rule == "evaluate":
            (line,) = resources
            large = model in ("resnet18", "resnet32")
            wanted = "slurm_partition=gpu, runtime=120, gpu=1" if large else "slurm_partition=cpu, runtime=60, gpu=0"
            assert wanted in line
