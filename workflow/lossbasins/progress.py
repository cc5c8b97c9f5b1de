"""How a job shows its progress: a bar on a terminal, now and then a line elsewhere."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

SECONDS_BETWEEN_LINES = 5.0


class Reporter:
    """Shows lines of progress on standard error.

    Args:
        stage: named in each line.
        console: where a bar is drawn, if it is a terminal.
    """

    def __init__(self, stage: str, console: Console | None = None) -> None:
        self._stage = stage
        self._started = time.monotonic()
        self._last: float | None = None
        console = console or Console(stderr=True)
        self._bar = None
        if console.is_terminal:
            columns = (TextColumn("{task.fields[stage]}"), BarColumn(20), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=console, transient=True)
            self._task = self._bar.add_task("", total=1.0, stage=stage)
            self._bar.start()

    def __call__(self, line: str, done: float | None = None) -> None:
        """Shows a line; with a share that is done also the time left, at most one such line every few seconds."""
        now = time.monotonic()
        if done is not None:
            if self._bar is None and self._last is not None and now - self._last < SECONDS_BETWEEN_LINES:
                return
            self._last = now
            left = f", at most {(now - self._started) * (1 / done - 1):.0f} s left" if done > 0 else ""
            line += left
        if self._bar is None:
            print(f"{self._stage}: {line}", file=sys.stderr, flush=True)
        elif done is None:
            self._bar.console.print(f"{self._stage}: {line}", highlight=False)
        else:
            self._bar.update(self._task, description=line, completed=done)

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()
