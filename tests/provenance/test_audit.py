import json
import shutil
import subprocess
import sys

import pytest

from lossbasins.provenance import present
from lossbasins.provenance.audit import AuditError, audit
from lossbasins.provenance.freezing import freeze
from lossbasins.provenance.manifest import SUFFIX, identity, manifest_text, read_manifest, sha256_of
from lossbasins.provenance.present import Present
from lossbasins.provenance.verdicts import Verdict
from tests.provenance.results import written

FIGURE = "results/smoke/figures/volume.pdf"


def audited(root, target, moved_on=lambda _: ()):
    return audit([target], root / "results", root / "data", moved_on)


def texts(found):
    return [f.text for judged in found.results.values() for f in judged.findings] + [f.text for f in found.strays]


def command(root, *arguments, package=None):
    environment = {"PYTHONPATH": str((package or root) / "workflow"), "PATH": "/usr/bin:/bin"}
    line = [sys.executable, "-m", "lossbasins", *arguments]
    return subprocess.run(line, cwd=root, env=environment, capture_output=True, text=True, check=False)


def replace(path, content):
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def tampered(path, others):
    """What may befall a file: what it is called, and what the file holds then, None if it is gone."""
    content = path.read_bytes()
    middle = len(content) // 2
    yield "one byte changed", content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    yield "truncated", content[:-1]
    yield "emptied", b""
    yield "missing", None
    yield (
        "replaced",
        next(o.read_bytes() for o in others if o.suffix == path.suffix and o != path and o.read_bytes() != content),
    )
    if path.name.endswith(SUFFIX):
        values = json.loads(content)
        values["seconds"] += 1
        yield "edited", (json.dumps(values, indent=2, sort_keys=True) + "\n").encode()
        yield "laid out anew", json.dumps(values, indent=1, sort_keys=True).encode()


def test_every_tampering_is_found_and_nothing_else_raises_an_alarm(linked, tmp_path):
    root, study = linked.root, linked.root / "results/smoke"
    files = sorted(path for path in study.rglob("*") if path.is_file())
    # Copies to choose replacements from, since suffixes such as .txt occur once.
    spare = tmp_path / "spare.txt"
    spare.write_text("other")
    odd = tmp_path / "odd.safetensors"
    odd.write_bytes(b"other")
    # Files of one name come from one stage: one of them stands for all, that of the last folder.
    kinds = {path.name: path for path in files}.values()
    found, missed, number = 0, [], 0
    for file in kinds:
        original = file.read_bytes()
        for what, content in tampered(file, [*files, spare, odd]):
            number += 1
            replace(file, content) if file.exists() else file.write_bytes(content)
            result = audited(root, study)
            named = file.name.endswith(SUFFIX) or any(str(file) in text for text in texts(result))
            if result.verdict is Verdict.BROKEN and named:
                found += 1
            else:
                missed.append((file.name, what, result.verdict))
            file.unlink(missing_ok=True)
            file.write_bytes(original)
    now = Present(root)
    alarms = [file for file in [study, *files] if audited(root, file, now.moved_on).verdict]
    print(f"\nfound {found} of {number}, false alarms {len(alarms)}")
    assert not missed
    assert not alarms
    assert number > 5 * 40


def test_a_changed_module_is_named_and_the_exit_code_is_1(finished, tmp_path):
    edited = finished.copy(tmp_path / "edited")
    assert command(edited.root, "audit", FIGURE).returncode == 0
    module = "workflow/lossbasins/experiments/volumes/figure.py"
    with (edited.root / module).open("a") as file:
        file.write("\n# A comment is no change.\n")
    assert command(edited.root, "audit", FIGURE).returncode == 0
    with (edited.root / module).open("a") as file:
        file.write("\nNEW = 1\n")
    done = command(edited.root, "audit", FIGURE)
    assert done.returncode == 1, done.stderr
    assert "stale: module lossbasins.experiments.volumes.figure has changed" in done.stdout
    assert "\x1b" not in done.stdout
    values = json.loads(command(edited.root, "audit", FIGURE, "--json").stdout)
    stale = [path for path, result in values["results"].items() if result["verdict"] == "stale"]
    assert values["verdict"] == "stale"
    assert stale == ["results/smoke/figures/volume_figure.volume.manifest.json"]


def test_a_changed_setting_is_named_with_both_values(linked):
    overlay = linked.root / "studies/smoke.yaml"
    replace(overlay, overlay.read_bytes().replace(b"epochs: 60", b"epochs: 61"))
    found = audited(linked.root, linked.root / FIGURE, Present(linked.root).moved_on)
    assert found.verdict is Verdict.STALE
    assert set(texts(found)) == {"setting optimizer.epochs was 60, is 61"}


def test_what_the_study_no_longer_has_is_named(linked):
    configuration = linked.root / "config.yaml"
    renamed = configuration.read_bytes()
    for named in (b"matched: # a name", b"matched: matched", b"point: matched"):
        assert named in renamed
        renamed = renamed.replace(named, b"levelled".join(named.rsplit(b"matched", 1)))
    replace(configuration, renamed)
    found = audited(linked.root, linked.root / "results/smoke", Present(linked.root).moved_on)
    assert found.verdict is Verdict.STALE
    assert set(texts(found)) == {"settings: the study smoke no longer has point matched"}


def test_a_changed_version_is_named(linked, monkeypatch):
    installed = present.version_of
    monkeypatch.setattr(present, "version_of", lambda name: "0.1" if name == "matplotlib" else installed(name))
    found = audited(linked.root, linked.root / FIGURE, Present(linked.root).moved_on)
    assert found.verdict is Verdict.STALE
    assert {text.partition(" was ")[0] for text in texts(found)} == {"version of matplotlib"}


@pytest.mark.parametrize("same", [False, True])
def test_an_input_made_again_is_named_and_stale_if_its_bytes_are_others(linked, same):
    path = linked.root / "results/smoke/tables/volume_table.volume.manifest.json"
    made = read_manifest(path)
    spec = {**made.spec, "seed": 1}
    points = linked.root / "results/smoke/tables/volume_points.csv"
    if not same:
        replace(points, points.read_bytes() + b"\n")
    outputs = [
        output.model_copy(update={"sha256": sha256_of(points), "size": points.stat().st_size})
        if output.name == "points"
        else output
        for output in made.outputs
    ]
    update = {"spec": spec, "outputs": outputs, "id": identity(made.stage, spec, made.code, made.versions, made.inputs)}
    replace(path, manifest_text(made.model_copy(update=update)).encode())
    found = audited(linked.root, linked.root / FIGURE)
    assert found.verdict is (Verdict.VERIFIED if same else Verdict.STALE)
    told = [text for text in texts(found) if "tables/volume_points.csv was made again since" in text]
    assert len(told) == 1
    assert told[0].endswith("to the same bytes") is same


def test_a_manifest_sealed_anew_still_needs_its_id(linked):
    path = linked.root / "results/smoke/figures/volume_figure.volume.manifest.json"
    made = read_manifest(path)
    replace(path, manifest_text(made.model_copy(update={"spec": {"top": 3}})).encode())
    assert any("made up" in text for text in texts(audited(linked.root, path)))
    spec = {"top": 3}
    identities = {"spec": spec, "id": identity(made.stage, spec, made.code, made.versions, made.inputs)}
    replace(path, manifest_text(made.model_copy(update=identities)).encode())
    assert any("carries the id of another manifest" in text for text in texts(audited(linked.root, path)))


@pytest.mark.parametrize("suffix", ["pdf", "svg", "png"])
def test_a_figure_that_left_its_folder_is_known_by_the_id_it_carries(linked, tmp_path, suffix):
    figure = linked.root / f"results/smoke/figures/volume.{suffix}"
    mailed = tmp_path / f"mailed.{suffix}"
    shutil.copy(figure, mailed)
    found = audited(linked.root, mailed)
    assert found.verdict is Verdict.VERIFIED
    assert [root.name for root in found.roots] == ["volume_figure.volume.manifest.json"]
    assert "fetch.manifest.json" in {path.name for path in found.results}
    mailed.write_bytes(figure.read_bytes() + b" ")
    found = audited(linked.root, mailed)
    assert found.verdict is Verdict.BROKEN
    assert "bytes differ" in found.strays[0].text
    assert [root.name for root in found.roots] == ["volume_figure.volume.manifest.json"]


def test_frozen_results_are_verified_and_say_what_was_not_kept(linked):
    published = linked.root / "results/published/smoke"
    number = freeze(linked.root / "results/smoke", published, ["*.safetensors"])
    shutil.rmtree(linked.root / "results/smoke")
    found = audited(linked.root, published, lambda _: ["module a has changed"])
    assert found.verdict is Verdict.VERIFIED
    assert sum("solutions.safetensors: not kept" in text for text in texts(found)) == number > 0
    assert "frozen; since then: module a has changed" in texts(found)
    history = next(published.rglob("history.csv"))
    replace(history, None)
    assert audited(linked.root, published).verdict is Verdict.BROKEN


def test_the_list_of_what_was_left_out_cannot_be_edited(linked):
    published = linked.root / "results/published/smoke"
    freeze(linked.root / "results/smoke", published, ["*.safetensors"])
    index = published / "frozen.json"
    index.write_text(index.read_text().replace("trained/solutions", "trained/history"))
    assert any("frozen.json: edited" in text for text in texts(audited(linked.root, published)))


def test_a_renamed_study_holds_its_inputs_where_they_are_now(linked):
    (linked.root / "results/smoke").rename(linked.root / "results/elsewhere")
    assert audited(linked.root, linked.root / "results/elsewhere").verdict is Verdict.VERIFIED


@pytest.mark.parametrize(("content", "what"), [(b"changed", "bytes differ"), (None, "missing")])
def test_raw_files_are_checked(tmp_path, content, what):
    raw = tmp_path / "own/raw.npz"
    raw.parent.mkdir()
    raw.write_bytes(b"raw")
    written(tmp_path, "fetch", {"results/s/data/d/images.npz": b"images"}, (("raw", "own/raw.npz", None),))
    assert audited(tmp_path, tmp_path / "results/s").verdict is Verdict.VERIFIED
    replace(raw, content)
    found = audited(tmp_path, tmp_path / "results/s")
    assert found.verdict is Verdict.BROKEN
    assert f"raw file{', bytes' if content else ''} {what.removeprefix('bytes ')}" in texts(found)[0]


def test_exit_codes_and_one_clear_line(linked, finished):
    broken = linked.root / FIGURE
    replace(broken, b"cut")
    done = command(linked.root, "audit", FIGURE, package=finished.root)
    assert done.returncode == 2
    assert f"broken: {FIGURE}: truncated, 3 of " in done.stdout
    (linked.root / "empty").mkdir()
    done = command(linked.root, "audit", "empty", package=finished.root)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    with pytest.raises(AuditError, match="no manifests in it"):
        audited(linked.root, linked.root / "empty")


def test_an_audit_imports_nothing_heavy(finished):
    line = (
        "import sys; from typer.testing import CliRunner; from lossbasins.cli import app;"
        f"assert CliRunner().invoke(app, ['audit', '{FIGURE}']).exit_code == 0;"
        "print([name for name in ('torch', 'pandas', 'scipy', 'sklearn', 'matplotlib') if name in sys.modules])"
    )
    environment = {"PYTHONPATH": str(finished.root / "workflow"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", line], cwd=finished.root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
