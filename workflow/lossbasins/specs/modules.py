"""Models, data sources, optimizers and measures: one file each, found by its name, checked without importing it.

A file lies in the package or in a folder of one's own below the working folder, which has one folder for each kind; its
name then is its path with dots. The options of such a file are the keyword-only arguments of its one public function,
with their annotations and defaults; they are read from its syntax tree, so that a configuration is checked without
importing torch.
"""

import ast
import importlib
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, create_model
from pydantic_core import ErrorDetails, PydanticCustomError

PACKAGE = "lossbasins"
ROOT = Path(__file__).parents[1]
ANNOTATIONS = {
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
    "tuple": tuple,
    "Literal": Literal,
    "None": None,
    "Annotated": Annotated,
    "Field": Field,
}
"""What the annotation of an option may be made of."""


class Kind(NamedTuple):
    """A family of interchangeable files."""

    package: str
    """Dotted name of the package that holds ours."""
    folder: str
    """Of one's own, below the folder that the configuration names."""
    factory: str
    """The function whose keyword-only arguments are the options."""


ARCHITECTURE = Kind(f"{PACKAGE}.models", "models", "build")
SOURCE = Kind(f"{PACKAGE}.data.sources", "sources", "load")
METHOD = Kind(f"{PACKAGE}.training.optimizers", "optimizers", "build")
MEASURE = Kind(f"{PACKAGE}.measures", "measures", "measure")


def module_name(kind: Kind, name: str) -> str:
    """Dotted name of the module that is called `name` in its kind."""
    return name if "." in name else f"{kind.package}.{name}"


def load(module: str) -> ModuleType:
    """Imports a module of the package, or of a folder of one's own."""
    make_importable()
    return importlib.import_module(module)


def make_importable() -> None:
    """Lets Python find folders of one's own, which lie below the working folder."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)


def path_of(module: str) -> Path:
    """The file of a module, whether there is one or not; of a package its `__init__`."""
    first, *others = module.split(".")
    folder = (ROOT if first == PACKAGE else Path(first)).joinpath(*others)
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


@cache
def choices(kind: Kind, own: str | None = None) -> tuple[str, ...]:
    """Names of all files of a kind that define its function: ours, and those of one's own; sorted each.

    Args:
        kind: the family.
        own: dotted name of a folder of one's own.
    """
    ours = _found(ROOT.joinpath(*kind.package.split(".")[1:]), kind)
    return (*ours, *_found(Path(*own.split("."), kind.folder), kind)) if own else ours


def full_name(kind: Kind, name: str, own: str | None) -> str | None:
    """What a name stands for: itself in the package, a dotted name in one's own folder; None if there is none."""
    if name in choices(kind):
        return name
    dotted = f"{own}.{kind.folder}.{name}" if own and "." not in name else name
    return dotted if "." in dotted and factory(kind, dotted) is not None else None


def options(kind: Kind, name: str) -> list[str]:
    """Names of the options of one file."""
    function = factory(kind, name)
    return [argument.arg for argument in function.args.kwonlyargs] if function else []


@cache
def options_model(kind: Kind, name: str) -> type[BaseModel]:
    """The typed options of one file, defaults filled in; unknown options are errors.

    Args:
        kind: the family of the file.
        name: one of `choices(kind)`, or dotted.
    """
    function = factory(kind, name)
    assert function is not None, f"{name} is not one of {choices(kind)}"
    fields: dict[str, Any] = {}
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        try:
            # The annotation is source code of an installed module, and only the names of ANNOTATIONS are in its reach.
            annotation = eval(ast.unparse(argument.annotation or ast.Name("")), {"__builtins__": {}}, ANNOTATIONS)
            fields[argument.arg] = (annotation, ... if default is None else ast.literal_eval(default))
        except (NameError, SyntaxError, TypeError, ValueError):
            place = f"{path_of(module_name(kind, name))}: option {argument.arg} of {kind.factory}"
            allowed = f"an annotation made of {', '.join(ANNOTATIONS)}, and a default that is a plain value"
            raise ValueError(f"{place}: allowed: {allowed}") from None
    return create_model(f"{name}_options", __config__=ConfigDict(extra="forbid", allow_inf_nan=False), **fields)


def checked_options(kind: Kind, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a file with its defaults filled in, as JSON values.

    Raises:
        pydantic.ValidationError: an option is unknown, missing or of the wrong type.
    """
    return options_model(kind, name).model_validate_json(json.dumps(options), strict=True).model_dump(mode="json")


@cache
def constants(kind: Kind, name: str) -> dict[str, Any]:
    """The constants of a file that are literals, by name."""
    found: dict[str, Any] = {}
    for node in syntax_tree(path_of(module_name(kind, name))).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.expr):
            try:
                found[target.id] = ast.literal_eval(value)
            except ValueError:
                continue
    return found


def functions(path: Path) -> set[str]:
    """Names of the functions that a file defines."""
    return {node.name for node in syntax_tree(path).body if isinstance(node, ast.FunctionDef)}


def syntax_tree(path: Path) -> ast.Module:
    """Of a file.

    Raises:
        ValueError: it is no Python; one line, with the place.
    """
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise ValueError(f"{path}, line {error.lineno}: {error.msg}") from None


def factory(kind: Kind, name: str) -> ast.FunctionDef | None:
    """The function of a file that its kind asks for; None if there is none, or no file."""
    path = path_of(module_name(kind, name))
    return _function(path, kind) if path.is_file() else None


def one_of(kind: Kind) -> AfterValidator:
    """Allows the names of a kind; those of one's own become dotted, if the validation's context says where they lie."""

    def check(name: str, info: ValidationInfo) -> str:
        own = (info.context or {}).get("own")
        found = full_name(kind, name, own)
        if found is None:
            names = ", ".join(choices(kind, own))
            if own and (path := path_of(f"{own}.{kind.folder}.{name}")).is_file():
                raise PydanticCustomError(
                    "no_factory",
                    "{path} has no function {factory}; allowed: {names}",
                    {"path": str(path), "factory": kind.factory, "names": names},
                )
            raise PydanticCustomError("unknown_name", "allowed: {names}", {"names": names})
        return found

    return AfterValidator(check)


def options_of(kind: Kind, key: str) -> AfterValidator:
    """Allows the options of the file that another key names, and fills in its defaults."""

    def check(options: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if key not in info.data:
            return options  # the name itself is wrong, which has its own error
        try:
            return checked_options(kind, info.data[key], options)
        except ValidationError as error:
            allowed = ", ".join(options_model(kind, info.data[key]).model_fields) or "none"
            wrong = "; ".join(_option_complaint(one) for one in error.errors())
            raise PydanticCustomError(
                "wrong_options", "{wrong}; options: {allowed}", {"wrong": wrong, "allowed": allowed}
            ) from None

    return AfterValidator(check)


def _option_complaint(error: ErrorDetails) -> str:
    complaint = "unknown" if error["type"] == "extra_forbidden" else error["msg"].lower()
    return f"{'.'.join(map(str, error['loc']))}: {complaint}"


def _found(folder: Path, kind: Kind) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*.py") if _function(path, kind) is not None))


def _function(path: Path, kind: Kind) -> ast.FunctionDef | None:
    defined = (node for node in syntax_tree(path).body if isinstance(node, ast.FunctionDef))
    return next((function for function in defined if function.name == kind.factory), None)
