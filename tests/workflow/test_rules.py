"""A rule, its stage, its specification and its test share one name."""

import re

from lossbasins import paths
from tests.configurations import ROOT

PACKAGE = ROOT / "workflow/lossbasins"


def test_rules_stages_specs_and_tests_have_the_same_names():
    text = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    rules = set(re.findall(r"^rule (\w+):", text, flags=re.MULTILINE))
    # Audits are of results, and are none.
    assert rules - {"audit", "audits"} == set(paths.FOLDERS)
    for rule in paths.FOLDERS:
        assert (PACKAGE / "stages" / f"{rule}.py").exists(), rule
        assert (PACKAGE / "specs" / f"{rule}.py").exists(), rule
        assert (ROOT / "tests/stages" / f"test_{rule}.py").exists(), rule
