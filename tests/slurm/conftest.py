"""A real SLURM on this machine, shared by all test processes, and projects whose jobs it runs.

A test mostly waits for the scheduler, so several go on at one time; one that disturbs the scheduler itself is marked
`xdist_group("alone")` and has it for itself.
"""

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

from tests.configurations import ROOT
from tests.workflow.conftest import copied_project

# A shell has what it starts in the background ignore Ctrl-C, which tests send to the Snakemakes that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

Answer = TypeVar("Answer")
SCRIPT = ROOT.parent / "shared/slurm/slurm-local"
STUDY = Path("results/faults")
POINT = STUDY / "runs/digits/fnn/he/sgd/none/trained"
SOLUTIONS = POINT / "solutions.safetensors"
EVALUATION = POINT / "evaluation.csv"
LOG = Path("logs/faults/runs/digits/fnn/he/sgd/none/trained/train.log")
CONFIGURATION = """
study: faults
replicas: 2
device: cpu
save_every: 0.05
datasets: {digits: {image_size: 8}}
models: {fnn: {architecture: fnn}}
optimizers: {sgd: {epochs: 200, target_loss: 1.0e-9, stuck: null}}
"""
SECONDS = 600
"""That anything may take on a busy machine before a test fails; no result depends on it."""
HOLD_TO_MEMORY = """
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
"""
ROOM = {"SLURM_LOCAL_CPUS": "32", "SLURM_LOCAL_MEM_MB": "128000"}
"""That the node claims, so that no test waits for another's jobs."""


class Cluster:
    """The scheduler, and what may befall it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def node(self) -> str:
        return command("sinfo", "--noheader", "--format=%n").split()[0]

    def jobs(self, folder: Path) -> list[str]:
        """Numbers of the jobs of a folder that wait or run."""
        rows = [line.split(maxsplit=1) for line in command("squeue", "--noheader", "--format=%i %Z").splitlines()]
        return [number for number, place in rows if place == str(folder)]

    def state(self, job: str) -> str:
        return command("squeue", "--noheader", "--states=all", "--format=%T", "--jobs", job).strip()

    def log(self, daemon: str) -> str:
        return (self._folder / f"log/{daemon}.log").read_text()

    def stop(self, *daemons: str) -> None:
        for daemon in daemons:
            pid = int((self._folder / "pid" / daemon).read_text())
            os.kill(pid, signal.SIGTERM)
            until(lambda pid=pid: not Path(f"/proc/{pid}").exists(), f"{daemon} ends")

    def start(self, *daemons: str) -> None:
        for daemon in daemons:
            command(daemon, "-f", str(self._folder / "conf/slurm.conf"))
        until(self._is_ready, "the node is ready")

    def lose_node(self) -> None:
        command("scontrol", "update", f"nodename={self.node}", "state=down", "reason=test")

    def regain_node(self) -> None:
        # Refused where the node came back by itself.
        subprocess.run(
            ["scontrol", "update", f"nodename={self.node}", "state=resume"], capture_output=True, check=False
        )
        until(self._is_ready, "the node is ready")

    def _is_ready(self) -> bool:
        done = subprocess.run(["sinfo", "--noheader", "--format=%T"], capture_output=True, text=True, check=False)
        return set(done.stdout.split()) in ({"idle"}, {"mixed"})


@dataclass(frozen=True)
class ClusterProject:
    """A copy of the project."""

    root: Path
    started: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def start(self, *arguments: str, target: Path = SOLUTIONS) -> "subprocess.Popen[str]":
        """Runs the real Snakemake with the cluster profile, beside the test."""
        environment = os.environ | {
            "PYTHONPATH": str(self.root / "workflow"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        options = ["--configfile", "faults.yaml", "--slurm-init-seconds-before-status-checks", "12"]
        options += ["--set-threads", "train=1"]  # several threads wait for each other on a busy machine
        process = subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--profile", "slurm", *options, *arguments, "--", str(target)],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """Kills what still runs, as after a failed test."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def run(self, *arguments: str, target: Path = SOLUTIONS) -> str:
        """One more run, which must end well; what it said."""
        return ended(self.start(*arguments, target=target))

    def log(self) -> str:
        """What the latest run has said so far."""
        return max((self.root / ".snakemake/log").iterdir()).read_text()

    def results(self) -> dict[str, bytes]:
        """All files of the run but its manifests, hidden ones too."""
        return {
            path.name: path.read_bytes()
            for path in (self.root / POINT).iterdir()
            if not path.name.endswith(".manifest.json")
        }

    def training(self, but: int | None = None) -> int | None:
        """The process that trains here, once it has saved a state; another one than that given."""
        if not (self.root / POINT / ".train.state").exists():
            return None
        for process in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (process / "cmdline").read_bytes().split(b"\0")
                here = (process / "cwd").resolve() == self.root
            except OSError:
                continue
            if here and int(process.name) != but and arguments[1:5] == [b"-m", b"lossbasins", b"run", b"train"]:
                return int(process.name)
        return None

    def hold_training(self) -> int:
        """Waits until a training is on its way, and stops the clock for it, so that a test can choose the moment."""
        pid = until(self.training, "a training saves its state")
        os.kill(pid, signal.SIGSTOP)
        return pid


def until(answer: Callable[[], Answer], what: str) -> Answer:
    """Asks until the answer is true."""
    end = time.monotonic() + SECONDS
    while not (given := answer()):
        assert time.monotonic() < end, f"not within {SECONDS} s: {what}"
        time.sleep(0.02)
    return given


def ended(process: "subprocess.Popen[str]", returncode: int = 0) -> str:
    """What a Snakemake said, once it has ended as it should."""
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == returncode, said
    return said


def command(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def cluster(shared: Path) -> Iterator[Cluster]:
    """Started by the first test process that needs it, stopped by the last."""
    if missing := [name for name in ("sbatch", "slurmctld", "slurmd", "munged") if not shutil.which(name)]:
        pytest.skip(f"no SLURM here ({', '.join(missing)} not found); apt install slurm-wlm slurm-client munge")
    if not SCRIPT.exists():
        pytest.skip(f"no script here that starts a SLURM: {SCRIPT}")
    if shlex.quote(sys.executable) != sys.executable:
        pytest.skip(f"Snakemake submits nothing from {sys.executable}, whose path a shell does not take as it is")
    if os.getuid() != 0:
        pytest.skip("only root can start a SLURM")
    lock, users = FileLock(shared / "cluster.lock"), shared / "cluster.users"
    with lock:
        others = int(users.read_text()) if users.exists() else 0
        if not others:
            if subprocess.run([SCRIPT, "status"], capture_output=True, check=False).returncode == 0:
                pytest.skip(f"a SLURM is up already; {SCRIPT} stop")
            start_cluster()
        users.write_text(str(others + 1))
    yield Cluster(cluster_folder())
    with lock:
        others = int(users.read_text()) - 1
        users.write_text(str(others))
        if not others:
            command(str(SCRIPT), "stop")


def cluster_folder() -> Path:
    return Path("/run/slurm/conf").resolve().parent


def start_cluster() -> None:
    """Starts it with GPUs for all, and holds jobs to their memory."""
    subprocess.run([SCRIPT, "start", "--gpus", "8"], check=True, capture_output=True, env=os.environ | ROOM)
    try:
        cluster = Cluster(cluster_folder())
        cluster.stop("slurmd", "slurmctld")
        with (cluster_folder() / "conf/slurm.conf").open("a") as file:
            file.write(HOLD_TO_MEMORY)
        cluster.start("slurmctld", "slurmd")
    except BaseException:
        command(str(SCRIPT), "stop")
        raise


@pytest.fixture(autouse=True)
def turn(request: pytest.FixtureRequest, cluster: Cluster, shared: Path) -> Iterator[None]:  # noqa: ARG001
    """Lets tests that disturb the scheduler wait for the others, and the others for them."""
    alone = request.node.get_closest_marker("xdist_group")
    with (shared / "turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@pytest.fixture(scope="session")
def undisturbed(cluster: Cluster, shared: Path) -> ClusterProject:
    """A run that nothing befell, once for all test processes."""
    root = shared / "undisturbed"
    with FileLock(f"{root}.lock"):
        if not root.exists():
            root.mkdir()
            project = ClusterProject(copied_project(root).root)
            (root / "faults.yaml").write_text(CONFIGURATION)
            project.run(target=EVALUATION)
            assert cluster.jobs(root) == []
        assert (root / EVALUATION).exists(), "another test process could not run the undisturbed study"
    return ClusterProject(root)


@pytest.fixture
def project(undisturbed: ClusterProject, tmp_path: Path) -> Iterator[ClusterProject]:
    """A project in which nothing has been trained yet."""
    root = tmp_path / "project"
    shutil.copytree(undisturbed.root, root, symlinks=True)
    shutil.rmtree(root / STUDY / "runs")
    shutil.rmtree(root / "logs")
    project = ClusterProject(root)
    yield project
    project.end()
