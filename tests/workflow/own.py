"""What docs/own-data.md says to write, file by file."""

import re
from pathlib import Path

from tests.configurations import ROOT

BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
PLACE = re.compile(r"(?:#|\.\.) (\S+)\n")


def files() -> dict[str, str]:
    """By path: the study, which has none in the page, and every file that names its own in its first line."""
    found = {}
    for kind, text in BLOCK.findall((ROOT / "docs/own-data.md").read_text()):
        place = PLACE.match(text)
        found[place[1] if place else f"studies/mine.{kind}"] = text
    return found


def write(root: Path) -> None:
    """Adds them to a project."""
    for name, text in files().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
