"""Whatever befalls a study on a cluster, one more run ends it, with the bytes of an undisturbed one."""

import os
import re
import signal
import time

import pytest

from tests.slurm.conftest import LOG, POINT, SOLUTIONS, command, ended, until


def kill(process):
    process.kill()
    process.communicate()


@pytest.fixture
def settled(cluster, undisturbed):
    """Checks that one more run ends the study, and that no byte differs."""

    def check(project):
        project.run()
        expected = undisturbed.results()
        assert project.results() == {name: expected[name] for name in ("solutions.safetensors", "history.csv")}
        assert cluster.jobs(project.root) == []

    return check


def went_on(project):
    return "going on from" in (project.root / LOG).read_text()


def test_a_job_that_fails_once_passes_on_retry(project, settled):
    process = project.start()
    os.kill(project.hold_training(), signal.SIGKILL)
    said = ended(process)
    assert "SLURM status is: 'FAILED'" in said
    assert went_on(project)
    settled(project)


def test_over_its_memory(project, cluster, settled):
    said = project.run("--set-resources", "train:mem_mb=300 if attempt == 1 else 8000")
    assert "SLURM status is: 'FAILED'" in said
    job = re.search(r"SLURM jobid (\d+)", said)[1]
    # Whichever finds it first: what watches the step, or the node's daemon, at a ping.
    assert re.search(rf"(StepId=|Job ){job}\b\S* exceeded memory limit", cluster.log("slurmd"))
    settled(project)


def test_a_job_that_someone_cancels(project, cluster, settled):
    process = project.start()
    project.hold_training()
    command("scancel", *cluster.jobs(project.root))
    said = ended(process)
    assert "SLURM status is: 'CANCELLED'" in said
    assert went_on(project)
    settled(project)


def test_over_its_time(project, settled):
    process = project.start("--set-resources", "train:runtime=attempt")
    project.hold_training()  # for longer than the one minute that it has
    said = ended(process)
    assert "SLURM status is: 'TIMEOUT'" in said
    assert went_on(project)
    settled(project)


@pytest.mark.xdist_group("alone")
def test_a_node_that_goes_down(project, cluster, settled):
    process = project.start()
    project.hold_training()
    (job,) = cluster.jobs(project.root)
    cluster.lose_node()
    until(lambda: cluster.state(job) == "NODE_FAIL", "the job is lost")
    cluster.regain_node()
    said = ended(process)
    assert "SLURM status is: 'NODE_FAIL'" in said
    assert went_on(project)
    settled(project)


def test_an_interrupt_cancels_jobs_and_keeps_what_they_saved(project, cluster, settled):
    process = project.start()
    project.hold_training()
    process.send_signal(signal.SIGINT)
    ended(process, returncode=1)
    until(lambda: not cluster.jobs(project.root), "the jobs are gone")
    assert (project.root / POINT / ".train.state").exists()
    assert not (project.root / SOLUTIONS).exists()
    project.run()
    assert went_on(project)
    settled(project)


def test_a_killed_run_leaves_jobs_that_the_next_one_cancels(project, cluster, settled):
    process = project.start()
    project.hold_training()
    kill(process)
    (left,) = cluster.jobs(project.root)
    project.run("--unlock")
    said = project.run()
    assert f"Cancelling what a killed run left: jobs {left}" in said
    assert cluster.state(left) == "CANCELLED"
    assert went_on(project)
    settled(project)


def test_two_copies_of_one_job_at_once_harm_nothing(project, cluster, settled):
    process = project.start()
    first = project.hold_training()
    kill(process)
    (left,) = cluster.jobs(project.root)
    command("scontrol", "update", f"jobid={left}", "name=unknown")
    project.run("--unlock")
    process = project.start()
    until(lambda: project.training(but=first), "a second copy trains")
    os.kill(first, signal.SIGCONT)
    ended(process)
    until(lambda: cluster.state(left) == "COMPLETED", "the first copy ends too")
    settled(project)


@pytest.mark.xdist_group("alone")
def test_a_scheduler_that_is_away_when_it_is_asked(project, cluster, settled):
    process = project.start()
    training = project.hold_training()
    cluster.stop("slurmctld")
    # The plugin then turns to sacct, which answers nothing here, and never back.
    until(lambda: "Falling back to 'sacct'" in project.log(), "Snakemake asks in vain")
    os.kill(training, signal.SIGCONT)
    manifest = project.root / POINT / "train.manifest.json"
    until(manifest.exists, "the training ends meanwhile")
    cluster.start("slurmctld")
    made = manifest.read_bytes()
    while process.poll() is None:  # Ctrl-C, twice
        process.send_signal(signal.SIGINT)
        time.sleep(1)
    process.communicate()
    settled(project)
    assert manifest.read_bytes() == made


@pytest.mark.xdist_group("alone")
def test_a_scheduler_that_is_away_when_a_job_is_to_be_submitted(project, cluster, settled):
    cluster.stop("slurmctld")
    try:
        said = ended(project.start("--retries", "0"), returncode=1)
    finally:
        cluster.start("slurmctld")
    assert "SLURM sbatch failed" in said
    assert not (project.root / POINT).exists()
    settled(project)


@pytest.fixture
def disk(project):
    """The folder of the results of a run, on a file system of its own."""
    folder = project.root / POINT
    folder.mkdir(parents=True)
    command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder))
    yield folder
    command("umount", str(folder))


def test_a_full_disk(project, disk, settled):
    rest = disk / "rest"
    rest.write_bytes(bytes(48 * 1024))
    ended(project.start("--retries", "0"), returncode=1)
    log = (project.root / LOG).read_text()
    assert "Traceback" not in log
    (line,) = [line for line in log.splitlines() if "lossbasins: " in line]
    assert "No space left on device" in line
    assert list(disk.iterdir()) == [rest]
    rest.unlink()
    command("mount", "-o", "remount,size=64m", str(disk))
    settled(project)
