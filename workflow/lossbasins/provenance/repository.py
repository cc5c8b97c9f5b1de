"""The state of the git repository that the code comes from."""

import subprocess
from pathlib import Path


def commit() -> str | None:
    """The commit checked out; None outside of a repository."""
    answer = _git("rev-parse", "HEAD")
    return answer.strip() if answer else None


def is_dirty() -> bool | None:
    """Whether tracked files differ from the commit, or untracked ones exist; None outside of a repository."""
    answer = _git("status", "--porcelain")
    return None if answer is None else bool(answer)


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
