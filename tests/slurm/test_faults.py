"""Whatever befalls a study on a cluster, one more run ends it, with the bytes of an undisturbed one."""

import os
import signal

import pytest

from tests.slurm.conftest import LOG, POINT, command, ended, until

STATE = POINT / ".train.state"


@pytest.fixture(autouse=True)
def ends_like_an_undisturbed_one(cluster, undisturbed, project):
    """After each test one more run ends the study, and no byte differs."""
    yield
    project.run()
    assert project.results() == undisturbed.results()
    assert cluster.jobs() == []


def went_on(project):
    return "going on from" in (project.root / LOG).read_text()


def test_a_job_that_fails_once_passes_on_retry(project):
    process = project.start()
    os.kill(project.hold_training(), signal.SIGKILL)
    said = ended(process)
    assert "SLURM status is: 'FAILED'" in said
    assert went_on(project)


def test_over_its_time(project):
    process = project.start("--set-resources", "train:runtime=attempt")
    project.hold_training()
    said = ended(process)
    assert "SLURM status is: 'TIMEOUT'" in said
    assert went_on(project)


def test_over_its_memory(project):
    process = project.start("--set-resources", "train:mem_mb=300 if attempt == 1 else 8000")
    said = ended(process)
    assert "Trying to restart job" in said


def test_a_job_that_someone_cancels(project, cluster):
    process = project.start()
    project.hold_training()
    command("scancel", *cluster.jobs())
    said = ended(process)
    assert "SLURM status is: 'CANCELLED'" in said
    assert went_on(project)


def test_a_node_that_goes_down(project, cluster):
    process = project.start()
    project.hold_training()
    (job,) = cluster.jobs()
    command("scontrol", "update", f"nodename={cluster.node}", "state=down", "reason=test")
    until(lambda: cluster.state(job) == "NODE_FAIL", "the job is lost")
    command("scontrol", "update", f"nodename={cluster.node}", "state=resume")
    said = ended(process)
    assert "SLURM status is: 'NODE_FAIL'" in said
    assert went_on(project)


def test_an_interrupt_cancels_jobs_and_keeps_what_they_saved(project, cluster):
    process = project.start()
    project.hold_training()
    process.send_signal(signal.SIGINT)
    ended(process, returncode=1)
    until(lambda: not cluster.jobs(), "the jobs are gone")
    assert (project.root / STATE).exists()
    project.run()
    assert went_on(project)


def kill(process):
    process.kill()
    process.communicate()


def test_a_killed_run_leaves_jobs_that_the_next_one_cancels(project, cluster):
    process = project.start()
    project.hold_training()
    kill(process)
    (left,) = cluster.jobs()
    project.run("--unlock")
    said = project.run()
    assert f"Cancelling what a killed run left: jobs {left}" in said
    assert cluster.state(left) == "CANCELLED"
    assert went_on(project)


def test_two_copies_of_one_job_at_once_harm_nothing(project, cluster):
    process = project.start()
    first = project.hold_training()
    kill(process)
    (left,) = cluster.jobs()
    command("scontrol", "update", f"jobid={left}", "name=unknown")
    project.run("--unlock")
    process = project.start()
    second = until(lambda: project.training(but=first), "a second copy trains")
    os.kill(first, signal.SIGCONT)
    ended(process)
    assert second != first
    until(lambda: cluster.state(left) == "COMPLETED", "the first copy ends too")


def test_a_scheduler_that_is_away_for_a_while(project, cluster):
    process = project.start()
    training = project.hold_training()
    cluster.stop("slurmctld")
    os.kill(training, signal.SIGCONT)
    until(lambda: (project.root / POINT / "train.manifest.json").exists(), "the training ends meanwhile")
    cluster.start("slurmctld")
    ended(process)


@pytest.fixture
def disk(project):
    """The folder of the runs, on a file system of its own, with little room left."""
    folder = project.root / POINT
    folder.mkdir(parents=True)
    command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder))
    yield folder
    command("umount", str(folder))


def test_a_full_disk(project, disk):
    (disk / "other").write_bytes(bytes(48 * 1024))
    ended(project.start("--retries", "0"), returncode=1)
    (line,) = [line for line in (project.root / LOG).read_text().splitlines() if "lossbasins:" in line]
    assert "No space left on device" in line
    assert [path.name for path in disk.iterdir()] == ["other"]
    command("mount", "-o", "remount,size=64m", str(disk))
    (disk / "other").unlink()
