"""One thread for each worker, set before any numerical library is imported: workers share the cores."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lossbasins import catalogue
from lossbasins.configuration.schema import configuration_model
from lossbasins.specs import modules

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

FOLDERS = ("mine", "studies")
"""That tests call their own."""
REMEMBERED = (
    *(modules.choices, modules.constants, modules.options_model),
    *(catalogue.experiments, catalogue.measures, configuration_model),
)
"""What is looked up by name once in a process."""


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all test processes of this session have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Writes a module of a folder of one's own, by its dotted name, below a working folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)

    def write(name: str, text: str) -> None:
        path = Path(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if path.stem == "choices":
            path.with_name("rules.smk").touch()

    yield write
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in FOLDERS:
            del sys.modules[name]
    for remembered in REMEMBERED:
        remembered.cache_clear()
