import shutil
import signal

import pytest
from typer.testing import CliRunner

from lossbasins.cli import app
from lossbasins.provenance.audit import audit
from lossbasins.provenance.folders import files_below
from lossbasins.provenance.freezing import freeze
from lossbasins.provenance.frozen import INDEX, FrozenError
from lossbasins.provenance.manifest import read_manifest, sealed_text
from lossbasins.provenance.verdicts import Verdict
from tests.provenance.results import written

WEIGHTS = "runs/d/trained/weights.safetensors"


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A figure of a table of weights."""
    monkeypatch.chdir(tmp_path)
    study = tmp_path / "results/s"
    made, outputs = [], (f"results/s/{WEIGHTS}", "results/s/tables/a.csv", "results/s/figures/a.svg")
    for place, output in enumerate(outputs):
        inputs = ((f"i{place}", outputs[place - 1], made[-1]),) if made else ()
        made.append(written(tmp_path, f"stage{place}", {output: b"%d" % place}, inputs)[1])
    return study


def audited(folder):
    found = audit([folder], folder.parent, folder / "data", lambda _: ())
    return found.verdict, [*found.strays, *(each for judged in found.results.values() for each in judged.findings)]


def said(study, *patterns):
    with pytest.raises(FrozenError) as caught:
        freeze(study, study.parent / "kept", patterns)
    assert not list(study.parent.glob("*kept*"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_all_is_kept_but_what_a_pattern_names(study):
    kept = study.parent / "kept"
    assert freeze(study, kept, ["*.safetensors"]) == 1
    names = {path.relative_to(kept).as_posix() for path in files_below(kept)}
    assert names == {path.relative_to(study).as_posix() for path in files_below(study)} - {WEIGHTS} | {INDEX}
    assert audited(kept)[0] is Verdict.VERIFIED


def test_what_is_frozen_may_be_frozen_again_with_less(study):
    first, second = study.parent / "first", study.parent / "second"
    freeze(study, first, ["*.safetensors"])
    assert freeze(first, second, ["*.svg"]) == 2
    assert audited(second)[0] is Verdict.VERIFIED


def test_a_study_of_frozen_ones_is_verified_where_it_is_frozen_beside_them(study, tmp_path):
    kept = study.parent / "published/s"
    kept.parent.mkdir()
    freeze(study, kept, [])
    table = "results/published/s/tables/a.csv"
    maker = read_manifest(kept / "tables/stage1.manifest.json").id
    written(tmp_path, "drawing", {"results/t/figures/b.txt": b"b"}, (("table", table, maker),))
    freeze(study.parent / "t", kept.parent / "t", [])
    assert audited(kept.parent / "t")[0] is Verdict.VERIFIED


@pytest.mark.parametrize("content", [b"tampered", None])
def test_a_broken_study_is_not_frozen_even_if_what_is_broken_is_left_out(study, content):
    (study / WEIGHTS).unlink()
    if content:
        (study / WEIGHTS).write_bytes(content)
    assert WEIGHTS in said(study, "*.safetensors")


def test_an_edited_manifest_and_a_file_of_no_manifest_are_not_frozen(study):
    path = study / "tables/stage1.manifest.json"
    original = path.read_text()
    path.write_text(original.replace('"here"', '"there"'))
    assert "edited" in said(study)
    path.write_text(original)
    (study / "notes.txt").touch()
    assert "notes.txt: its manifest is missing" in said(study)


@pytest.mark.parametrize("pattern", ["*.safetensor", ""])
def test_a_pattern_that_matches_nothing_is_told(study, pattern):
    assert said(study, pattern).startswith(f"--leave-out {pattern!r}: no file of")


def test_folders_that_are_links_are_followed(study):
    elsewhere = study.parent.parent / "scratch"
    (study / "figures").rename(elsewhere)
    (study / "figures").symlink_to(elsewhere)
    (study / "tables/again").symlink_to(study)
    freeze(study, study.parent / "kept", [])
    assert (study.parent / "kept/figures/a.svg").read_bytes() == b"2"
    (elsewhere / "a.svg").write_bytes(b"x")
    assert audited(study)[0] is Verdict.BROKEN


def test_a_folder_that_cannot_be_read_is_no_empty_one(tmp_path):
    with pytest.raises(OSError, match="none"):
        files_below(tmp_path / "none")


def test_a_copy_that_fails_leaves_nothing(study, monkeypatch):
    copied = []

    def full(source, target):
        if copied:
            raise OSError(28, "No space left on device", str(target))
        copied.append(source)

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(OSError, match="No space left"):
        freeze(study, study.parent / "kept", [])
    assert not [path for path in study.parent.iterdir() if path != study]


def test_freezing_that_is_ended_leaves_nothing(study, monkeypatch):
    monkeypatch.setattr(shutil, "copy2", lambda *_: signal.raise_signal(signal.SIGTERM))
    done = CliRunner().invoke(app, ["freeze", str(study), str(study.parent / "kept")])
    assert done.exit_code == 128 + signal.SIGTERM
    assert not [path for path in study.parent.iterdir() if path != study]


def test_a_manifest_that_is_gone_with_its_files_is_missed(study):
    kept = study.parent / "kept"
    freeze(study, kept, [])
    shutil.rmtree(kept / "figures")
    verdict, findings = audited(kept)
    assert verdict is Verdict.BROKEN
    assert [finding.text for finding in findings if finding.verdict] == [
        "results/kept/figures/stage2.manifest.json: missing, though frozen.json lists it"
    ]
    assert audited(kept.parent)[0] is Verdict.BROKEN
    assert audited(kept / "tables")[0] is Verdict.VERIFIED


@pytest.mark.parametrize("values", [{}, {"left_out": []}, {"left_out": 5, "manifests": []}])
def test_a_list_of_other_things_is_broken(study, values):
    kept = study.parent / "kept"
    freeze(study, kept, [])
    (kept / INDEX).write_text(sealed_text(values))
    verdict, findings = audited(kept)
    assert verdict is Verdict.BROKEN
    assert any("not the list of a frozen study" in finding.text for finding in findings)


def test_a_place_that_cannot_be_taken_is_told(study):
    with pytest.raises(FrozenError, match="exists"):
        freeze(study, study.parent, [])
    loop = study.parent / "loop"
    loop.symlink_to(loop)
    with pytest.raises(FrozenError, match="exists"):
        freeze(study, loop, [])
    with pytest.raises(OSError, match="loop"):
        freeze(study, loop / "kept", [])
    with pytest.raises(FrozenError, match="no manifests"):
        freeze(study.parent / "none", study.parent / "new", [])
    with pytest.raises(FrozenError, match="lies in the study itself"):
        freeze(study, study / "kept", [])
