"""One more experiment, measure, model, source and optimizer add files and edit none: those of docs/own-data.md."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml
from snakemake.utils import update_config

from tests.configurations import default
from tests.workflow import own
from tests.workflow.conftest import Project, copied_project

GRID = {"dataset": "mine", "model": "mine", "init": "he", "optimizer": "adam", "attack": ["none", "w0.1-n100"]}
BLOBS = {**GRID, "dataset": "blobs", "optimizer": "clipped", "attack": "none"}
ALONE = {
    "replicas": 2,
    "datasets": {"blobs": {"source": "blobs", "options": {"images": 200}, "train": 60, "attack": 0}},
    "optimizers": {
        "adam": {"epochs": 60},
        "clipped": {"method": "clipped", "learning_rate": 0.2, "batch": 16, "epochs": 60, "target_loss": 0.01},
    },
    "experiments": dict.fromkeys(default()["experiments"]) | {"sharpness": {"runs": [GRID, BLOBS]}},
}
"""Of the study in the page its own experiment only, on a source and by an optimizer of its own too."""
STUDY = "studies/mine.yaml"
TABLED = {"sharpness_table": 1, "sharpness_figure": 1, "claims": 1, "summary": 1}
STAGES = {
    "fetch": 2,
    "split": 2,
    "check": 2,
    "train": 3,
    "evaluate": 3,
    "cheap_measures": 3,
    **TABLED,
}


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def write_study(project: Project, **changes: object) -> None:
    """Writes the page's study, without the other experiments."""
    study = yaml.safe_load(own.files()[STUDY])
    update_config(study, ALONE)
    (project.root / STUDY).write_text(yaml.safe_dump({**study, **changes}))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project to which files were added, and in which a study with them has run."""
    root = tmp_path_factory.mktemp("additions")
    project = copied_project(root)
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "as it is")
    own.write(root)
    subprocess.run([sys.executable, "save.py"], cwd=root, check=True)
    write_study(project)
    done = project.snakemake("--configfile", STUDY)
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def lossbasins(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lossbasins", *arguments],
        cwd=project.root,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def planned(project: Project) -> dict[str, int]:
    return project.planned(study=(STUDY,))


def test_files_were_added_and_none_was_edited(project):
    changes = git(project.root, "status", "--porcelain").splitlines()
    assert {line[:2] for line in changes} == {"??"}
    assert {"?? studies/mine/", "?? studies/mine.yaml"} <= set(changes)


def test_all_of_it_ran_and_nothing_else(project):
    manifests = [path.name.partition(".")[0] for path in project.root.glob("results/mine/**/*.manifest.json")]
    assert {name: manifests.count(name) for name in manifests} == STAGES
    table = pd.read_csv(project.root / "results/mine/tables/sharpness.csv")
    assert set(table["dataset"]) == {"mine", "blobs"}
    assert table.loc[table["status"] == "ok", "value"].gt(0).all()
    claims = pd.read_csv(project.root / "results/mine/tables/claims.csv")
    assert claims[["experiment", "name", "evidence"]].values.tolist() == [["own", "sharpness", "figures/sharpness.pdf"]]


def test_its_own_modules_stand_in_manifests_and_audits(project):
    figure = "results/mine/figures/sharpness.pdf"
    assert lossbasins(project, "audit", figure).returncode == 0
    manifest = json.loads((project.root / "results/mine/figures/sharpness_figure.manifest.json").read_text())
    assert manifest["stage"] == "studies.mine.experiments.sharpness.figure"
    assert "studies.mine.experiments.sharpness.specs" in manifest["modules"]
    for path in project.root.glob("results/mine/runs/**/cheap_measures.manifest.json"):
        assert "studies.mine.measures.rise" in json.loads(path.read_text())["modules"]


def test_a_result_of_its_own_is_made_again_to_the_byte(project):
    done = lossbasins(project, "replay", "results/mine/tables/sharpness.csv")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_crate_holds_it(project, tmp_path):
    other = project.copy(tmp_path / "project")
    for path in ("README.md", "requirements.lock"):
        (other.root / path).touch()
    git(other.root, "add", "README.md", "requirements.lock")
    assert lossbasins(other, "crate", "mine").returncode == 0
    with zipfile.ZipFile(other.root / "results/mine.crate.zip") as crate:
        assert {name for name in own.files() if name.startswith("studies/")} <= set(crate.namelist())


@pytest.mark.parametrize(
    ("kind", "name"),
    [("models", "mlenet"), ("measures", "spectrum"), ("measures", "evaluation"), ("experiments", "volumes")],
)
def test_a_name_that_the_package_has_is_refused_in_one_line(tmp_path, kind, name):
    project = copied_project(tmp_path)
    own.write(project.root)
    write_study(project)
    taken = project.root / "studies/mine" / kind
    if kind == "experiments":
        (taken / "sharpness").rename(taken / name)
    else:
        shutil.copy(next(taken.glob("*.py")), taken / f"{name}.py")
    done = project.snakemake("--dry-run", "--configfile", STUDY)
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("config: ")]
    assert done.returncode == 1
    assert name in line
    assert line.endswith("give it another name")


def test_nothing_of_it_is_to_be_done_again_in_a_copy(project, tmp_path):
    assert planned(project.copy(tmp_path / "project")) == {}


@pytest.mark.parametrize(
    ("path", "old", "new", "jobs"),
    [
        ("measures/rise.py", "directions: int = 8", "directions: int = 9", {"cheap_measures": 3, **TABLED}),
        ("experiments/sharpness/figure.py", "style.INK", "style.MUTED", {"sharpness_figure": 1}),
        ("experiments/sharpness/evidence.py", "2000", "2001", {"claims": 1, "summary": 1}),
        ("experiments/sharpness/choices.py", "flat solutions", "solutions", {"claims": 1, "summary": 1}),
        ("optimizers/clipped.py", "1.0)", "2.0)", {"train": 1, "evaluate": 1, "cheap_measures": 1, **TABLED}),
        ("models/perceptron.py", "# studies", "# in studies", {}),
    ],
)
def test_an_edit_of_one_concerns_what_depends_on_it(project, tmp_path, path, old, new, jobs):
    other = project.copy(tmp_path / "project")
    other.edit(f"studies/mine/{path}", old, new)
    assert planned(other) == jobs


def test_within_the_package_they_are_files_more_too(tmp_path):
    project = copied_project(tmp_path)
    package = project.root / "workflow/lossbasins"
    places = {"sources": "data/sources", "optimizers": "training/optimizers"}
    for name, text in own.files().items():
        if name.startswith("studies/mine/"):
            kind, _, rest = name.removeprefix("studies/mine/").partition("/")
            path = package / places.get(kind, kind) / rest
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("studies.mine.", "lossbasins."))
    (package / "experiments/sharpness/__init__.py").touch()
    write_study(project, own=None)
    (project.root / "mine.npz").touch()
    assert planned(project) == STAGES
