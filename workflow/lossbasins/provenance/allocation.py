"""What a scheduler gave to a job, as the job sees it."""

import os
import resource
import subprocess

from pydantic import BaseModel, ConfigDict

SECONDS_TO_ANSWER = 10


class Allocation(BaseModel):
    """What SLURM gave to a job, and how much memory it used."""

    model_config = ConfigDict(frozen=True)
    job: str
    """SLURM's number of the job."""
    node: str
    partition: str | None
    cpus: int | None
    gpus: int
    time_limit: str | None
    """As SLURM prints it, [days-]hours:minutes:seconds; None where it did not answer."""
    memory: str | None
    """As SLURM prints it, such as 8000M; None where it did not answer."""
    peak_memory_mb: int
    """The most that the process had in memory at any time so far."""


def allocation() -> Allocation | None:
    """What SLURM gave to this process; None outside of SLURM."""
    job = os.environ.get("SLURM_JOB_ID")
    if job is None:
        return None
    time_limit, memory = _limits(job)
    return Allocation(
        job=job,
        node=os.environ.get("SLURMD_NODENAME", os.uname().nodename),
        partition=os.environ.get("SLURM_JOB_PARTITION"),
        cpus=_number("SLURM_CPUS_PER_TASK"),
        gpus=promised_gpus(),
        time_limit=time_limit,
        memory=memory,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def promised_gpus() -> int:
    """How many GPUs of this node SLURM gave to this process; 0 outside of SLURM."""
    # A step of a job has only the second or the last, by the version of SLURM.
    for variable in ("SLURM_STEP_GPUS", "SLURM_JOB_GPUS"):
        if os.environ.get(variable):
            return len(os.environ[variable].split(","))
    return _number("SLURM_GPUS_ON_NODE") or 0


def _number(variable: str) -> int | None:
    text = os.environ.get(variable)
    return int(text) if text else None


def _limits(job: str) -> tuple[str | None, str | None]:
    """Time and memory, which a step of a job does not see in its environment."""
    command = ["squeue", "--noheader", "--jobs", job, "--format", "%l %m"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS_TO_ANSWER)
        time_limit, memory = done.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None, None
    return time_limit, memory
