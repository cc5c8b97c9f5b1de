"""The crate of the smoke study, as others read it: roc-validator, rocrate, and the crate's own code once unpacked."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
import requests_cache
from requests.adapters import BaseAdapter, HTTPAdapter
from rocrate.rocrate import ROCrate
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from urllib3 import HTTPResponse

from lossbasins.provenance.crate import export_crate
from tests.configurations import ROOT

# Of roc-validator's own code.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
METADATA = "ro-crate-metadata.json"
FIGURE = "results/smoke/figures/volume.pdf"
# What the profiles recommend and this crate does not follow: tools are files, so their ids are no URIs; nobody is known
# to have published it, or where its author works; raw files are known by their digests, and are not in it.
NOT_FOLLOWED = {
    "process-run-crate-0.5_5.1",
    "ro-crate-1.1_22.3",
    "ro-crate-1.1_30.2",
    "ro-crate-1.1_30.3",
    "workflow-run-crate-0.5_7.1",
}


class OneDocument(BaseAdapter):
    """Answers any request with the published context, which lies beside this test."""

    def send(self, request, **_):
        body = io.BytesIO(Path(__file__).with_name("ro-crate-1.1-context.jsonld").read_bytes())
        answer = HTTPResponse(body, {"Content-Type": "application/ld+json"}, status=200, preload_content=False)
        return HTTPAdapter().build_response(request, answer)

    def close(self):
        pass


def validated(crate, tmp_path):
    """What roc-validator says, offline: profiles are bundled with it, the context comes from its cache, filled here."""
    with requests_cache.CachedSession(str(tmp_path / "cache"), backend="sqlite") as session:
        session.mount(CONTEXT, OneDocument())
        session.get(CONTEXT).raise_for_status()
        session.cache.close()
    settings = ValidationSettings(
        rocrate_uri=crate,
        profile_identifier="provenance-run-crate",
        requirement_severity=Severity.RECOMMENDED,
        offline=True,
        cache_path=tmp_path / "cache",
    )
    return services.validate(settings)


def export(project, *arguments, study="smoke"):
    return subprocess.run(
        [sys.executable, "-m", "lossbasins", "crate", study, *arguments],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(project.root / "workflow")},
        capture_output=True,
        text=True,
        check=False,
    )


def track(project):
    for name in ("requirements.lock", "README.md"):
        (project.root / name).write_bytes((ROOT / name).read_bytes())
    (project.root / ".gitignore").write_text(".snakemake\n__pycache__\n/results\n/logs\n")
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    for command in (("init", "--quiet"), ("add", "."), (*who, "commit", "--quiet", "--message", "Study")):
        subprocess.run(["git", *command], cwd=project.root, check=True)


@pytest.fixture(scope="module")
def tracked(finished, tmp_path_factory):
    project = finished.copy(tmp_path_factory.mktemp("tracked") / "project")
    track(project)
    return project


@pytest.fixture(scope="module")
def crate(tracked):
    done = export(tracked, "--agent", "A. Person")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "results/smoke.crate.zip\n"
    return tracked.root / "results/smoke.crate.zip"


@pytest.fixture(scope="module")
def graph(crate):
    with zipfile.ZipFile(crate) as archive:
        return {entity["@id"]: entity for entity in json.loads(archive.read(METADATA))["@graph"]}


def test_a_validator_accepts_it(crate, tmp_path):
    result = validated(crate, tmp_path)
    assert not result.get_issues(Severity.REQUIRED)
    assert {issue.check.identifier for issue in result.get_issues()} == NOT_FOLLOWED


def test_the_validator_rejects_one_without_the_tool_of_a_job(crate, tmp_path):
    spoilt = tmp_path / "spoilt.zip"
    with zipfile.ZipFile(crate) as whole, zipfile.ZipFile(spoilt, "w") as less:
        for name in whole.namelist():
            content = whole.read(name)
            if name == METADATA:
                metadata = json.loads(content)
                for entity in metadata["@graph"]:
                    if entity["@id"] == "#results/smoke/figures/volume_figure.volume":
                        del entity["instrument"]
                content = json.dumps(metadata).encode()
            less.writestr(name, content)
    issues = validated(spoilt, tmp_path).get_issues(Severity.REQUIRED)
    assert any("instrument" in issue.message for issue in issues)


def test_it_holds_results_code_lock_and_configuration_byte_for_byte(crate, tracked, graph):
    listed = subprocess.run(["git", "ls-files"], cwd=tracked.root, capture_output=True, text=True, check=True).stdout
    results = [path for path in tracked.root.glob("results/smoke/**/*") if path.is_file()]
    expected = {*listed.splitlines(), *(path.relative_to(tracked.root).as_posix() for path in results)}
    assert expected >= {"requirements.lock", "config.yaml", "studies/smoke.yaml", "Snakefile", FIGURE}
    with zipfile.ZipFile(crate) as archive:
        assert set(archive.namelist()) == expected | {METADATA}
        for name in expected:
            content = archive.read(name)
            assert content == (tracked.root / name).read_bytes(), name
            assert graph[quote(name)]["sha256"] == hashlib.sha256(content).hexdigest(), name
            assert archive.getinfo(name).external_attr >> 16 == (tracked.root / name).stat().st_mode, name


def test_every_result_leads_back_to_raw_data(crate):
    entities = {entity.id: entity for entity in ROCrate(crate).get_entities()}
    maker = {}
    for action in entities.values():
        if action.type == "CreateAction" and action.id != "#run":
            results = action["result"] if isinstance(action["result"], list) else [action["result"]]
            maker |= {result.id: action for result in results}
    waiting, seen = [FIGURE], set()
    while waiting:
        identifier = waiting.pop()
        if identifier in seen:
            continue
        seen.add(identifier)
        if identifier in maker:
            waiting += [read.id for read in maker[identifier]["object"]]
        else:
            assert identifier.startswith("#raw/") or entities[identifier].type == "PropertyValue", identifier
    assert any(identifier.startswith("#raw/") for identifier in seen)
    assert "results/smoke/data/digits/split.npz" in seen
    assert any(identifier.endswith("solutions.safetensors") for identifier in seen)


def test_unpacked_and_without_history_it_is_what_its_manifests_record(crate, tmp_path):
    with zipfile.ZipFile(crate) as archive:
        archive.extractall(tmp_path)
    check = "from pathlib import Path; from lossbasins.provenance.finished import finished; finished('smoke', Path())"
    subprocess.run(
        [sys.executable, "-c", check],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "workflow")},
        check=True,
    )


def remove(path):
    return lambda root: (root / path).unlink()


def append(path, text):
    def change(root):
        with (root / path).open("a") as file:
            file.write(text)

    return change


def edit_host(root):
    path = root / "results/smoke/summary.manifest.json"
    path.write_text(re.sub('"host": ".*"', '"host": "elsewhere"', path.read_text()))


STUDIES = "cifar10, digits, free-energy, landscapes, mnist, mnist-300, mnist-tables, paper, smoke"


@pytest.mark.parametrize(
    ("study", "spoil", "said"),
    [
        ("smoky", lambda _: None, f"no study 'smoky'; config.yaml and studies/ configure {STUDIES}"),
        ("digits", lambda _: None, "results/digits: no such folder below"),
        ("smoke", remove(FIGURE), f"{FIGURE}: no such file, so the study smoke is not finished"),
        ("smoke", remove("results/smoke/figures/volume_figure.volume.manifest.json"), "no manifest records it"),
        ("smoke", append("results/smoke/notes.txt", "mine"), "results/smoke/notes.txt: no manifest records it"),
        ("smoke", append(FIGURE, " "), f"{FIGURE}: missing, or not the bytes that"),
        ("smoke", edit_host, "results/smoke/summary.manifest.json: the manifest was edited"),
        ("smoke", append("workflow/lossbasins/reporting/style.py", "\nEDITED = 1\n"), "made by other code"),
    ],
    ids=["unknown", "not begun", "unfinished", "no manifest", "foreign file", "other bytes", "edited", "other code"],
)
def test_what_is_no_whole_study_ends_in_one_line_and_no_zip(study, spoil, said, tracked, tmp_path):
    project = tracked.copy(tmp_path / "project")
    spoil(project.root)
    done = export(project, "--output", str(tmp_path / "out.zip"), study=study)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("lossbasins: ")
    assert said in line
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_outside_a_repository_it_is_unknown_what_the_code_is(finished, tmp_path):
    done = export(finished, "--output", str(tmp_path / "out.zip"))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "no git repository" in line
    assert not (tmp_path / "out.zip").exists()


def test_nothing_but_an_earlier_crate_is_written_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine.zip"
    mine.write_text("mine")
    with pytest.raises(ValueError, match=r"mine.zip: exists and is no crate"):
        export_crate("smoke", mine)
    with pytest.raises(ValueError, match="lies in the study itself"):
        export_crate("smoke", tmp_path / "results/smoke/new.zip")
    with zipfile.ZipFile(mine, "w") as archive:
        archive.writestr(METADATA, "{}")
    with pytest.raises(ValueError, match="no such folder"):
        export_crate("smoke", mine)
