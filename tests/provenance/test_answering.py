import io
import re

import pytest
from rich.console import Console
from typer.testing import CliRunner

from lossbasins.cli import app
from lossbasins.provenance.answering import AMISS, print_answer
from lossbasins.provenance.audit import audit
from tests.provenance.results import written

RUN = "results/s/runs/d/m/he/sgd/none/trained"


def study(root):
    """A figure of a table of 3 solutions of a split of raw images."""
    (root / "own").mkdir(parents=True)
    (root / "own/raw.npz").write_bytes(b"raw")
    _, fetch = written(root, "fetch", {"results/s/data/d/images.npz": b"i"}, (("raw", "own/raw.npz", None),))
    images = (("images", "results/s/data/d/images.npz", fetch),)
    _, split = written(root, "split", {"results/s/data/d/split.npz": b"s"}, images)
    _, train = written(
        root,
        "train",
        {f"{RUN}/solutions.safetensors": b"w"},
        (("split", "results/s/data/d/split.npz", split),),
        spec={"seeds": [1, 2, 3]},
    )
    solutions = (("solutions", f"{RUN}/solutions.safetensors", train),)
    _, evaluate = written(root, "evaluate", {f"{RUN}/evaluation.csv": b"e"}, solutions)
    read = (("evaluation", f"{RUN}/evaluation.csv", evaluate),)
    _, table = written(root, "volume_table", {"results/s/tables/volume.csv": b"t"}, read)
    written(
        root,
        "volume_figure",
        {"results/s/figures/volume.txt": b"f"},
        (("table", "results/s/tables/volume.csv", table),),
    )
    return root / "results/s/figures/volume.txt"


def answer(root, target, moved_on=lambda _: ()):
    screen = io.StringIO()
    found = audit([target], root / "results", root / "data", moved_on)
    print_answer(found, [target], Console(file=screen, width=200))
    return screen.getvalue().splitlines()


def test_the_verdict_comes_first_and_then_each_step_down_to_raw_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = answer(tmp_path, study(tmp_path))
    assert lines[0] == "verified: results/s/figures/volume.txt"
    assert [line.split()[0] for line in lines[1:6]] == ["made", "figure", "tables", "solutions", "data"]
    assert "3 of 1 runs (" in lines[4]
    assert lines[6].split() == ["raw", "files", "own/raw.npz"]
    assert lines[-1].startswith("6 results, 7 files read")


def test_what_is_amiss_is_told_once_and_not_without_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    target = study(tmp_path)
    many = [f"module m{number:02} has changed" for number in range(AMISS + 8)]
    lines = answer(tmp_path, target, lambda _: many)
    assert lines[0].startswith("stale: ")
    assert "stale: module m00 has changed (6 results)" in lines
    assert "and 8 more, with --full" in lines
    assert len(lines) < 24


def test_full_draws_the_tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    target = str(study(tmp_path))
    short, full = (CliRunner().invoke(app, ["audit", target, *more]).output for more in ([], ["--full"]))
    assert "settings: " not in short
    assert "settings: " in full
    assert "└── " in full


def test_outside_the_project_it_says_where_it_looked(tmp_path, monkeypatch):
    mailed = tmp_path / "mailed.txt"
    mailed.write_bytes(b"mailed")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["audit", "mailed.txt"])
    assert done.exit_code == 2
    assert f"{tmp_path}/results, which is no folder: start in the project's folder, or name its results" in done.output
    assert f"settings were not compared, since there is no config.yaml in {tmp_path}" in done.output


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a: [1", "is no YAML"), (b"study: gr\xf6\xdfe", "is no text in UTF-8"), (None, "No such file or directory")],
)
def test_settings_that_cannot_be_read_are_one_line(tmp_path, monkeypatch, content, said):
    monkeypatch.chdir(tmp_path)
    target = study(tmp_path)
    (tmp_path / "config.yaml").write_text("study: s\n")
    if content:
        (tmp_path / "mine.yaml").write_bytes(content)
    done = CliRunner().invoke(app, ["audit", str(target), "--configfile", "mine.yaml"])
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert re.fullmatch(f"lossbasins: mine.yaml.*{said}.*\n", done.output)


def test_one_kind_of_answer_is_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["audit", str(study(tmp_path)), "--json", "--html"])
    assert (done.exit_code, done.output) == (2, "lossbasins: given --json and --html; give one of them\n")


@pytest.mark.parametrize(
    "edit",
    [
        ('"seeds": [\n      1,\n      2,\n      3\n    ]', '"seeds": 5'),
        ('"versions": {}', '"versions": {"": "1"}'),
        ('"modules": {}', '"modules": {"a\\u0000b": "1"}'),
        ('"stage": "train"', '"stage": "[/train]"'),
        ('"path": "results/s/data/d/split.npz"', '"path": "/split.npz"'),
        (
            '"name": "split",\n      "path": "results/s/data/d/split.npz"',
            '"name": "source",\n      "path": "/split.npz"',
        ),
    ],
)
def test_whatever_an_edited_manifest_says_it_is_broken(tmp_path, monkeypatch, edit):
    monkeypatch.chdir(tmp_path)
    target = study(tmp_path)
    (tmp_path / "config.yaml").write_text("study: s\n")
    manifest = tmp_path / RUN / "train.manifest.json"
    text = manifest.read_text()
    assert edit[0] in text
    manifest.write_text(text.replace(*edit))
    for arguments in ([str(target)], [str(target), "--full"], ["results/s"], ["results/s", "--json"]):
        done = CliRunner().invoke(app, ["audit", *arguments])
        assert done.exit_code == 2, done.exception
        assert isinstance(done.exception, SystemExit)
        assert "the manifest was edited" in " ".join(done.output.split())


@pytest.mark.parametrize(("given", "told"), [((), True), (("--configfile", "studies/a.yaml"), False)])
def test_two_files_of_one_study_are_told_unless_one_is_given(tmp_path, monkeypatch, given, told):
    monkeypatch.chdir(tmp_path)
    target = study(tmp_path)
    (tmp_path / "config.yaml").write_text("study: other\n")
    (tmp_path / "studies").mkdir()
    for name, replicas in (("a", 2), ("b", 3)):
        (tmp_path / f"studies/{name}.yaml").write_text(f"study: s\nreplicas: {replicas}\n")
    output = " ".join(CliRunner().invoke(app, ["audit", str(target), *given]).output.split())
    assert (
        "studies/a.yaml and studies/b.yaml are both called s; rename one, or give one by --configfile" in output
    ) is told
