import ast
from importlib.metadata import version

import pytest

from lossbasins.provenance.fingerprint import code_of, syntax_digest
from tests.configurations import ROOT

SOURCE = '''
"""A module."""
import math


def area(radius: float) -> float:
    """Of a disc."""
    return math.pi * radius**2  # in square units
'''

PACKAGE = ROOT / "workflow/lossbasins"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # in square units", ""),
        ('"""A module."""\n', ""),
        ('"""Of a disc."""', '"""Of a circle, rather."""'),
        ("math.pi * radius**2", "(math.pi *\n        radius ** 2)"),
        ("\n\n\n", "\n\n\n\n\n"),
    ],
)
def test_what_does_not_change_a_result_does_not_change_the_digest(old, new):
    assert old in SOURCE
    assert syntax_digest(SOURCE.replace(old, new)) == syntax_digest(SOURCE)


@pytest.mark.parametrize(("old", "new"), [("**2", "**3"), ("math.pi", "math.tau"), ("radius: float", "radius: int")])
def test_code_changes_the_digest(old, new):
    assert old in SOURCE
    assert syntax_digest(SOURCE.replace(old, new)) != syntax_digest(SOURCE)


def test_code_holds_what_the_stage_imports_and_its_versions():
    code = code_of("lossbasins.stages.train")
    assert "lossbasins.stages.train" in code.modules
    assert "lossbasins.training.loop" in code.modules
    assert code.versions["torch"] == version("torch")
    assert not [module for module in code.modules if ".curvature" in module or ".reporting" in module]
    assert "matplotlib" not in code.versions


def test_a_named_module_joins_only_where_it_is_named():
    mlenet = "lossbasins.models.mlenet"
    assert mlenet in code_of("lossbasins.stages.train", frozenset({mlenet})).modules
    assert mlenet not in code_of("lossbasins.stages.train", frozenset({"lossbasins.models.fnn"})).modules


def test_packages_hold_imports_only_so_that_they_need_not_be_counted():
    for path in PACKAGE.rglob("__init__.py"):
        for node in ast.parse(path.read_text()).body:
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            names = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"__all__", "__version__"}
            assert docstring or names or isinstance(node, ast.Import | ast.ImportFrom), f"{path}: {ast.unparse(node)}"


def test_stages_import_from_modules_and_never_from_packages():
    packages = {"lossbasins." + path.parent.name for path in PACKAGE.glob("*/__init__.py")} - {"lossbasins.specs"}
    for path in (PACKAGE / "stages").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in packages, f"{path.name}: {ast.unparse(node)}"
