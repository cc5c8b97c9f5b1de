"""Snakemake's report of the smoke study: one page, all figures and tables, captions with the numbers behind them."""

import json
import re
import subprocess
import sys

import pandas as pd
import pytest
import yaml

from lossbasins.report.tables import table_html
from lossbasins.report.typesetting import typeset
from lossbasins.reporting.summary import judgements, sentences_of
from lossbasins.study import Study
from tests.configurations import ROOT
from tests.workflow.conftest import SMOKE

EXPLORE = "results/smoke/explore.html"
LANDSCAPES = "results/smoke/figures/landscapes.svg"
"""A figure without a table of its own."""


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    return finished.copy(tmp_path_factory.mktemp("report") / "project")


@pytest.fixture(scope="module")
def page(project):
    path = project.root / "report.html"
    report = ("--report", str(path), "--report-stylesheet", str(ROOT / "workflow/report/style.css"))
    for arguments in (["audits", EXPLORE], ["all", "audits", EXPLORE, *report]):
        done = project.snakemake(*arguments, "--configfile", SMOKE)
        assert done.returncode == 0, done.stdout + done.stderr
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def results(page):
    return embedded(page, "results")


def embedded(page, name):
    (text,) = re.findall(rf"^ *var {name} = ([{{\"].*);$", page, flags=re.MULTILINE)
    return json.loads(text)


def test_every_figure_and_table_is_shown(results):
    configuration = yaml.safe_load((ROOT / "config.yaml").read_text()) | {"study": "smoke"}
    configuration["experiments"]["density"] = {"runs": configuration["experiments"]["spectrum"]["runs"]}
    study = Study.from_mapping(configuration)
    shown = {path for path in study.targets() if path.endswith((".svg", ".csv"))}
    assert set(results) == shown | {f"audits/smoke/{figure}.html" for figure in study.figures} | {EXPLORE}


def test_every_figure_has_its_audit(project, page):
    page = (project.root / "audits/smoke/volume.html").read_text()
    for name in ("volume_figure", "volume_table", "frobenius", "train", "split", "fetch"):
        assert f">{name}" in page or f"{name} results/" in page, name
    assert "broken" not in page
    assert "stale" not in page


def test_captions_hold_the_rounded_tables_and_their_notes(results, finished):
    for path, result in results.items():
        if path.startswith("audits/") or path in (EXPLORE, LANDSCAPES):
            continue
        table = finished.root / path.replace("/figures/", "/tables/").replace(".svg", ".md").replace(".csv", ".md")
        assert "system-message" not in result["caption"], path
        assert table_html(table.read_text()) in result["caption"], path
        assert "| ---" not in result["caption"], path


def test_formulas_are_mathml(results):
    assert "<math" in results["results/smoke/figures/volume.svg"]["caption"]


def test_an_eye_opens_the_picture_first(results):
    shown = sorted({result["labels"]["shows"] for result in results.values() if "shows" in result["labels"]})
    (first,) = {path.rpartition(".")[2] for path, r in results.items() if r["labels"].get("shows") == shown[0]}
    assert first == "svg"


def test_the_first_page_has_the_picture_the_sentences_and_a_row_for_each_claim(page, finished):
    description = embedded(page, "workflow_desc")
    assert "system-message" not in description
    told = sentences_of((finished.root / "results/smoke/summary.txt").read_text())
    places = [description.index(typeset(sentence)) for sentence in told]
    assert description.index('alt="Figure volume"') < places[0]
    assert places == sorted(places)
    claims = judgements(pd.read_csv(finished.root / "results/smoke/tables/claims.csv"))
    assert description.count("<tr>") == 1 + len(claims)
    for found in claims:
        assert f"results[&#x27;results/smoke/figures/{found.figure}.svg&#x27;]" in description


def test_the_first_page_draws_each_rule_once(page):
    boxes = re.findall(r">(\w+)</text>", embedded(page, "workflow_desc"))
    assert len(boxes) == len(set(boxes))
    assert {"fetch", "train", "volume_table", "volume_figure", "claims", "summary"} <= set(boxes)


def test_the_page_needs_no_network(page):
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']?https?:", page)


@pytest.mark.usefixtures("page")
def test_the_page_to_look_around_in_is_a_result_that_can_be_audited(project):
    line = [sys.executable, "-m", "lossbasins", "audit", EXPLORE]
    done = subprocess.run(line, cwd=project.root, env=project.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
