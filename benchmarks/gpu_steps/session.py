"""Runs steps one after another, each in a process of its own under an alarm, and writes down what they find at once.

A process for each step, since a call into CUDA that hangs hears no alarm, and an error on the GPU stays until its
process ends. They are forked from one that has imported everything and never looks for a GPU itself.
"""

import contextlib
import faulthandler
import json
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import torch

from gpu_steps.pretended import pretended_gpu
from gpu_steps.report import Report, as_values

FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Step:
    """One of the things to prove or measure."""

    name: str
    run: Callable
    """Takes setting and report."""
    seconds: float
    """Its share of the time. What the steps before it left over is added."""


def run(steps, setting, out, about, started):
    """Runs steps, says how each ended, and returns what `report.table` takes.

    Args:
        steps: in the order in which they count.
        setting: for all.
        out: folder of `gpu.json`, which is written anew with each row, and of `log.txt`, what the steps print.
        about: what the file says first.
        started: when the time of the first step began, on the clock of `time.monotonic`.
    """
    out.mkdir(parents=True, exist_ok=True)
    results = []
    deadline = started
    with (out / "log.txt").open("w") as log:
        for step in steps:
            deadline += step.seconds
            result = {"name": step.name, "state": "running", "error": "", "seconds": 0.0, "rows": []}
            results.append(result)
            for _ in _progress(step, setting, log, deadline, result):
                _write(out / "gpu.json", {**about, "steps": results})
            print(f"{step.name}: {result['state']}, {result['seconds']:.1f} s", flush=True)
    return results


def _progress(step, setting, log, deadline, result):
    """Yields whenever the result of a step has changed, the last time once it has ended."""
    started = time.monotonic()
    result["limit"] = deadline - started
    answers, questions = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_work, args=(step, setting, log.fileno(), questions))
    process.start()
    questions.close()
    rows = {}
    with contextlib.suppress(EOFError):
        while result["state"] == "running" and answers.poll(max(0, deadline - time.monotonic())):
            kind, value = answers.recv()
            if kind == "row":
                rows[value.what] = value
                result["rows"] = as_values(rows.values())
                yield
            else:
                result["state"], result["error"] = kind, value
    if result["state"] == "running":
        late = time.monotonic() >= deadline
        _end(process)
        result["state"] = "out of time" if late else f"ended with exit status {process.exitcode}"
    process.join()
    result["seconds"] = time.monotonic() - started
    yield


def _work(step, setting, log, questions):
    """What the process of a step does."""
    os.setsid()  # so that processes which the step starts end with it
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # as for every job: its deterministic algorithms need it
    for stream in (1, 2):
        os.dup2(log, stream)
    torch.set_num_threads(setting.threads)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
    report = Report(lambda row: questions.send(("row", row)), pretended=setting.pretend is not None)
    with pretended_gpu(setting.pretend) if setting.pretend else contextlib.nullcontext():
        try:
            print(f"--- {step.name}", flush=True)
            step.run(setting, report)
        except Exception:
            error = traceback.format_exc()
            print(error, flush=True)
            questions.send(("failed", error))
        else:
            questions.send(("ok", ""))


def _end(process):
    """Has a process say in the log where it is, then kills it with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGUSR1)
        process.join(0.5)
        os.killpg(process.pid, signal.SIGKILL)
    process.join()


def _write(path, values):
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(json.dumps(values, indent=1) + "\n")
    temporary.replace(path)
