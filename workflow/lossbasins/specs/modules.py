"""Models, data sources and optimizers: one file each, found by its name, checked without importing it.

The options of such a module are the keyword-only arguments of its one public factory, with their annotations and
defaults; they are read from its syntax tree, so that a configuration is checked without importing torch.
"""

import ast
import json
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, create_model

PACKAGE = "lossbasins"
ANNOTATIONS = {"int": int, "float": float, "bool": bool, "str": str, "tuple": tuple, "Literal": Literal, "None": None}


class Kind(NamedTuple):
    """A family of interchangeable modules."""

    package: str
    """Dotted name of the package that holds them."""
    factory: str
    """The function whose keyword-only arguments are the options."""


ARCHITECTURE = Kind(f"{PACKAGE}.models", "build")
SOURCE = Kind(f"{PACKAGE}.data.sources", "load")
METHOD = Kind(f"{PACKAGE}.training.optimizers", "build")


def module_name(kind: Kind, name: str) -> str:
    """Dotted name of the module that is called `name` in its kind."""
    return f"{kind.package}.{name}"


@cache
def choices(kind: Kind) -> tuple[str, ...]:
    """Names of all modules of a kind that define its factory, sorted."""
    return tuple(sorted(path.stem for path in _folder(kind).glob("*.py") if _factory(kind, path) is not None))


@cache
def options_model(kind: Kind, name: str) -> type[BaseModel]:
    """The typed options of one module, defaults filled in; unknown options are errors.

    Args:
        kind: the family of the module.
        name: one of `choices(kind)`.
    """
    factory = _factory(kind, _folder(kind) / f"{name}.py")
    assert factory is not None, f"{name} is not one of {choices(kind)}"
    fields: dict[str, Any] = {}
    for argument, default in zip(factory.args.kwonlyargs, factory.args.kw_defaults, strict=True):
        assert argument.annotation is not None, f"{name}.{kind.factory}: {argument.arg} has no annotation"
        # The annotation is source code of an installed module, and only the names of ANNOTATIONS are in its reach.
        annotation = eval(ast.unparse(argument.annotation), {"__builtins__": {}}, ANNOTATIONS)
        fields[argument.arg] = (annotation, ... if default is None else ast.literal_eval(default))
    return create_model(f"{name}_options", __config__=ConfigDict(extra="forbid", allow_inf_nan=False), **fields)


def checked_options(kind: Kind, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a module with its defaults filled in, as JSON values.

    Raises:
        pydantic.ValidationError: an option is unknown, missing or of the wrong type.
    """
    return options_model(kind, name).model_validate_json(json.dumps(options), strict=True).model_dump(mode="json")


def _folder(kind: Kind) -> Path:
    return Path(__file__).parents[1].joinpath(*kind.package.split(".")[1:])


def _factory(kind: Kind, path: Path) -> ast.FunctionDef | None:
    functions = (node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef))
    return next((function for function in functions if function.name == kind.factory), None)
