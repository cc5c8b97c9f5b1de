"""A rule, its stage and its tests share one name; a reader sees of each rule its inputs and outputs."""

import re

from lossbasins import catalogue
from lossbasins.specs.modules import PACKAGE
from tests.configurations import ROOT

EXPERIMENTS = ROOT / "workflow/lossbasins/experiments"


def rules(folder):
    text = "".join(path.read_text() for path in sorted(folder.glob("*.smk")))
    return set(re.findall(r"^(?:use )?rule (?:\w+ as )?(\w+)(?: with)?:", text, flags=re.MULTILINE))


def test_rules_and_tests_of_an_experiment_are_called_as_its_stages():
    for name, experiment in catalogue.experiments().items():
        assert rules(EXPERIMENTS / name) == {stage.name for stage in experiment.stages}, name
        for stage in experiment.stages:
            module = stage.module.rpartition(".")[2]
            test = "test_drawings.py" if module == "figure" else f"{name}/test_{module}.py"
            assert (ROOT / "tests/experiments" / test).exists(), stage.name


def test_shared_rules_and_their_tests_are_called_as_their_stages():
    measuring = {"measure", "measure_arrays", catalogue.CHEAP}
    assert rules(ROOT / "workflow/rules") - {"stage", "audit", "audits"} == {*catalogue.SHARED, *measuring}
    for name in catalogue.SHARED:
        assert catalogue.stage(name).module == f"{PACKAGE}.stages.{name}"
        assert (ROOT / "tests/stages" / f"test_{name}.py").exists(), name
