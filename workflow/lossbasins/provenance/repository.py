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


def source_files(project: Path) -> list[str] | None:
    """The tracked files of a project, and those of its code and studies that are the user's own and not ignored.

    Args:
        project: its folder.

    Returns:
        Paths relative to that folder, sorted; None outside of a repository.
    """
    tracked = _git("ls-files", "-z", folder=project)
    own = _git("ls-files", "-z", "--others", "--exclude-standard", "workflow", "studies", folder=project)
    if tracked is None or own is None:
        return None
    names = {name for name in (tracked + own).split("\0") if name}
    return sorted(name for name in names if (project / name).is_file())


def _git(*arguments: str, folder: Path = Path(__file__).parent) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
