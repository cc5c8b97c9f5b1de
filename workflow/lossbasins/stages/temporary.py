"""Names for files that are being written, and what became of those whose process was killed."""

import os
import platform
import re
from pathlib import Path


def beside(path: Path) -> Path:
    """The name under which this process writes a file before it renames it."""
    return path.with_name(f".{path.name}.{platform.node()}.{os.getpid()}")


def sweep(path: Path) -> None:
    """Removes what processes of this host that live no more had written of a file."""
    pattern = re.compile(rf"\.{re.escape(path.name)}\.{re.escape(platform.node())}\.(\d+)")
    for candidate in path.parent.glob(f".{path.name}.*"):
        match = pattern.fullmatch(candidate.name)
        if match and not Path(f"/proc/{match[1]}").exists():
            candidate.unlink(missing_ok=True)
