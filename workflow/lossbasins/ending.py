"""Ending as SIGTERM asks to."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from typing import NoReturn


@contextlib.contextmanager
def ending_when_asked() -> Iterator[None]:
    """What is asked to end removes its temporary files on the way out, and its status says so.

    The exception that leads out may come back as another: NumPy, while it is being imported, makes a TypeError of it.
    """
    asked: list[int] = []

    def end(number: int, _: object) -> NoReturn:
        asked.append(128 + number)
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except BaseException:
        if asked:
            sys.exit(asked[0])
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
