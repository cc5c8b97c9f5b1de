"""The code behind a stage, as digests that comments, docstrings and layout do not change.

A stage's code is its module, the modules that its spec names, and all that these import within the package; the
versions of the outside distributions that they import stand beside it. A package's `__init__` counts only where
something is imported from it: it holds imports and nothing else.
"""

import ast
import hashlib
import importlib.metadata
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import grimp

from lossbasins.specs.modules import PACKAGE, make_importable, path_of

PYTHON = "python"


@dataclass(frozen=True)
class Code:
    """All code that a job runs."""

    modules: Mapping[str, str]
    """Digest of each module of this package and of one's own, by dotted name."""
    versions: Mapping[str, str]
    """Version of each outside distribution that they import, and of Python, by name."""

    @property
    def digest(self) -> str:
        """One digest of all modules."""
        return digest_of(self.modules)


def code_of(module: str, named: frozenset[str] = frozenset()) -> Code:
    """The code of a stage.

    Args:
        module: dotted name of its module.
        named: those of the modules that its spec names.
    """
    return _code_of(frozenset({module, *named}))


def module_digest(module: str) -> str | None:
    """The digest of one module of this package, or of one's own, now; None if there is no such module."""
    try:
        return _module_digest(module)
    except FileNotFoundError:
        return None


def version_of(name: str) -> str | None:
    """The version of a distribution, or of Python, now; None if it is not installed."""
    if name == PYTHON:
        return _python_version()
    try:
        return _installed(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def digest_of(value: object) -> str:
    """SHA-256, in hex digits, of a value's JSON text with sorted keys."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def canonical_json(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def syntax_digest(source: str) -> str:
    """SHA-256 of a module's syntax tree without docstrings, in hex digits.

    Args:
        source: text of the module.

    Raises:
        SyntaxError: the text is no Python.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_bare_string(statement)] or [ast.Pass()]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@cache
def _code_of(entry_points: frozenset[str]) -> Code:
    graph = _import_graph(frozenset(module.partition(".")[0] for module in (*entry_points, PACKAGE)))
    modules: set[str] = set()
    distributions: set[str] = set()
    waiting = list(entry_points)
    while waiting:
        module = waiting.pop()
        if module in modules:
            continue
        modules.add(module)
        for imported in graph.find_modules_directly_imported_by(module):
            if graph.is_module_squashed(imported):
                distributions |= _distributions(imported)
            else:
                waiting.append(imported)
    versions = {name: _installed(name) for name in sorted(distributions)}
    versions[PYTHON] = _python_version()
    return Code(modules=_digests(modules), versions=versions)


@cache
def _import_graph(packages: frozenset[str]) -> grimp.ImportGraph:
    make_importable()
    return grimp.build_graph(
        *sorted(packages), include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def _digests(modules: Iterable[str]) -> dict[str, str]:
    return {module: _module_digest(module) for module in sorted(modules)}


@cache
def _module_digest(module: str) -> str:
    return syntax_digest(path_of(module).read_text(encoding="utf-8"))


@cache
def _installed(name: str) -> str:
    return importlib.metadata.version(name)


def _python_version() -> str:
    return ".".join(platform.python_version_tuple()[:2])


@cache
def _distributions(import_name: str) -> frozenset[str]:
    if import_name in sys.stdlib_module_names:
        return frozenset()
    try:
        return frozenset({importlib.metadata.distribution(import_name).name})
    except importlib.metadata.PackageNotFoundError:
        return _saying(import_name) or frozenset(importlib.metadata.packages_distributions()[import_name])


def _saying(import_name: str) -> frozenset[str]:
    """Distributions that say themselves that they bring a package, which saves reading the files of all others."""
    return frozenset(
        one.name
        for one in importlib.metadata.distributions()
        if import_name in (one.read_text("top_level.txt") or "").split()
    )


def _is_bare_string(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
