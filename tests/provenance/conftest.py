import os
import shutil
from pathlib import Path

import pytest

from tests.workflow.conftest import Project, finished

__all__ = ["finished"]


@pytest.fixture
def linked(finished: Project, tmp_path: Path) -> Project:
    """The results of the finished smoke study as hard links: unlink a file before another takes its place."""
    root = tmp_path / "project"
    for part in ("results", "studies"):
        shutil.copytree(finished.root / part, root / part, copy_function=os.link)
    shutil.copy(finished.root / "config.yaml", root)
    return Project(root)
