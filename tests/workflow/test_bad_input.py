"""Bad configurations and bad data files, as a user meets them."""

import numpy as np
import pytest
import yaml

from tests.configurations import BAD, changed
from tests.workflow.conftest import copied_project


@pytest.mark.parametrize(("key", "value", "path", "allowed"), BAD[::8])
def test_a_bad_configuration_ends_in_one_line_and_leaves_nothing(key, value, path, allowed, tmp_path):
    project = copied_project(tmp_path)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(changed(key, value)))
    before = files(tmp_path)
    done = project.snakemake()
    assert done.returncode in (1, 2)
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if "specific profile" not in line]
    assert line.startswith(f"config: {path}: ")
    assert allowed in line
    assert files(tmp_path) == before


def files(folder):
    """All but Snakemake's own log and Python's caches."""
    return sorted(path for path in folder.rglob("*") if not {".snakemake", "__pycache__"} & set(path.parts))


def test_a_bad_data_file_ends_in_one_line_that_names_it(tmp_path):
    project = copied_project(tmp_path)
    np.savez(tmp_path / "mine.npz", train_images=np.full((2000, 28, 28), np.nan), train_labels=np.arange(2000) % 10)
    dataset = {"source": "npz", "options": {"path": "mine.npz"}, "train": 512, "attack": 600}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(changed("datasets.digits", dataset)))
    done = project.snakemake("--show-failed-logs")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "Traceback" not in said
    (line,) = [line for line in said.splitlines() if "lossbasins: " in line]
    assert "mine.npz" in line
    assert "train_images" in line
    # The fits of a cubic need no images.
    made = [path for path in (tmp_path / "results").rglob("*") if path.is_file()]
    assert [path for path in made if "curve_fitting" not in path.name] == []
