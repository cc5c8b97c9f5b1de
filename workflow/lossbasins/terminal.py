"""What a person sees of a run: its rules, what running jobs say, figures as they come, how to go on after Ctrl-C."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from logging import LogRecord
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Group
from rich.text import Text
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_rich import LogHandler

SECONDS = 1.0
"""Between looks at the logs of running jobs."""
TAIL = 4096
"""Bytes of a log that are looked at, more than any line of progress."""
LEFT = ", at most "
"""What the time that is left follows in a line of progress."""
GO_ON = "LOSSBASINS_GO_ON"
"""The environment variable with what to type to go on, as make sets it; else it is said in general."""


@dataclass(frozen=True)
class Running:
    """A job that is under way."""

    name: str
    log: Path | None
    figures: tuple[str, ...]
    started: float


class Terminal(LogHandler):  # type: ignore[misc]  # the plugin has no types
    """Snakemake's display by rules, and what it does not show."""

    def __post_init__(self) -> None:
        """As the plugin interface calls it."""
        super().__post_init__()
        self._jobs: dict[int, Running] = {}
        self._interrupted = False
        self._ended = threading.Event()
        self._panel = self.live_display.renderable
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._interrupt)
        if self.event_handler.console.is_terminal:
            threading.Thread(target=self._watch, daemon=True).start()

    def emit(self, record: LogRecord) -> None:
        """Shows a record, but for what jobs say that were told to end."""
        if self._interrupted:
            return
        super().emit(record)
        event = getattr(record, "event", None)
        if event is LogEvent.JOB_INFO:
            self._jobs[record.jobid] = running(vars(record))  # type: ignore[attr-defined]
        elif event is LogEvent.JOB_FINISHED and (job := self._jobs.pop(record.job_id, None)):  # type: ignore[attr-defined]
            for figure in job.figures:
                self.event_handler.console.print(Text(figure), soft_wrap=True)
        elif event is LogEvent.JOB_ERROR:
            self._jobs.pop(record.jobid, None)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Takes the display away, and says how to go on if the run was interrupted."""
        self._ended.set()
        super().close()
        if self._interrupted:
            command = os.environ.get(GO_ON, "the same command")
            self.event_handler.console.print(Text(f"Stopped. To go on from here: {command}"), soft_wrap=True)
            self._interrupted = False

    def _interrupt(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002, as signal calls it
        self._interrupted = True
        raise KeyboardInterrupt

    def _watch(self) -> None:
        while not self._ended.wait(SECONDS):
            if self.live_display.is_started:
                lines = [Text(line, "dim", no_wrap=True, overflow="ellipsis") for line in progress(dict(self._jobs))]
                self.live_display.update(Group(self._panel, *lines))


def running(job: Mapping[str, Any]) -> Running:
    """A job that starts, from what Snakemake says of it.

    Args:
        job: rule_name, wildcards, log and output.
    """
    named = " ".join(str(value) for name, value in dict(job.get("wildcards") or {}).items() if name != "study")
    logs = list(job.get("log") or ())
    figures = tuple(
        str(path) for path in job.get("output") or () if "/figures/" in str(path) and str(path).endswith(".pdf")
    )
    name = f"{job['rule_name']} {named}".strip()
    return Running(name, Path(logs[0]) if logs else None, figures, time.time())


def progress(jobs: Mapping[int, Running]) -> Iterator[str]:
    """What each running job last said of itself: its epoch, replica, time left.

    Args:
        jobs: by number.
    """
    for job in jobs.values():
        if job.log and (said := last_line(job.log, job.started)):
            text, _, left = said.removeprefix(f"{job.name.split()[0]}: ").partition(LEFT)
            # The time comes first, since lines are cut where the terminal ends.
            yield f"{job.name}: {f'at most {left}; ' if left else ''}{text}"


def last_line(log: Path, since: float) -> str:
    """The last line of a log that was written since then, in seconds since 1970; empty if there is none."""
    with contextlib.suppress(OSError):
        if log.stat().st_mtime >= since - SECONDS:
            with log.open("rb") as file:
                file.seek(max(0, log.stat().st_size - TAIL))
                lines = file.read().decode(errors="replace").split("\n")
            # What has no end yet may be half of a line.
            return next((line for line in reversed(lines[:-1]) if line.strip()), "")
    return ""
