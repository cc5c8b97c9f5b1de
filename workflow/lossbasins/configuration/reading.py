"""A configuration, read and checked."""

import ast
import importlib.util
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lossbasins import catalogue, paths
from lossbasins.configuration.complaints import complaints
from lossbasins.configuration.consistency import inconsistencies
from lossbasins.configuration.schema import Configuration, configuration_model, dotted
from lossbasins.specs.modules import ARCHITECTURE, MEASURE, METHOD, SOURCE, choices, options_model, syntax_tree

FILES = {Path(path).stem for path in (paths.SOLUTIONS, paths.HISTORY, paths.EVALUATION, paths.POLISH, paths.CHEAP)}
"""What lies beside the results of a measure, which has none of these names."""
ERRORS = (
    *(ArithmeticError, AttributeError, ImportError, LookupError, NameError, OSError, RuntimeError, TypeError),
    ValueError,
)
"""What code of one's own may raise that planning runs."""
OWN = re.compile(r"[A-Za-z_]\w*(/[A-Za-z_]\w*)*")


class ConfigurationError(ValueError):
    """A configuration is wrong; the message has one line for each thing to mend."""


def read_configuration(mapping: Mapping[str, Any]) -> Configuration:
    """Checks a configuration.

    Args:
        mapping: as read from YAML.

    Raises:
        ConfigurationError: one line for each wrong key: its full path, what was given and what is allowed.
    """
    own = dotted(_own_folder(mapping))
    model = configuration_model(own)
    try:
        configuration = model.model_validate_json(json.dumps(mapping, default=str), strict=True, context={"own": own})
    except ValidationError as error:
        raise ConfigurationError("\n".join(complaints(error.errors(), mapping, model))) from None
    if problems := inconsistencies(configuration):
        raise ConfigurationError("\n".join(problems))
    return configuration


def said(error: Exception) -> str:
    """An error of code of one's own in one line."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _own_folder(mapping: Mapping[str, Any]) -> str | None:
    """The folder of one's own, if there is one and nothing in it has a name of ours."""
    own = mapping.get("own")
    if own is None:
        return None
    if not isinstance(own, str) or not OWN.fullmatch(own):
        allowed = "a folder below this one, its name made of letters, digits and _ with / between, such as studies/mine"
        raise ConfigurationError(f"own: given {own!r}; allowed: {allowed}")
    if not Path(own).is_dir():
        raise ConfigurationError(f"own: given {own!r}; there is no such folder below {Path.cwd()}")
    package, kinds = dotted(own), (ARCHITECTURE, SOURCE, METHOD, MEASURE)
    try:
        for path in sorted(Path(own).rglob("*.py")):
            _check_imports(path, syntax_tree(path), own.partition("/")[0])
        for experiment in catalogue.experiments(package).values():
            catalogue.check_experiment(experiment)
        taken = [name for kind in kinds for name in _twice(choices(kind, package))]
        if not taken:  # else one's own would stand for ours, which others start from
            for measure in catalogue.measures(package).values():
                options_model(MEASURE, measure.module)
            taken = [name for name in catalogue.measures(package) if name in FILES]
    except ERRORS as error:
        raise ConfigurationError(f"own: {own} cannot be read: {said(error)}") from None
    if taken:
        raise ConfigurationError(f"own: {own} has {', '.join(taken)}, which lossbasins has too; give it another name")
    return own


def _check_imports(path: Path, tree: ast.Module, own: str) -> None:
    """Raises ImportError where a file imports a package that is not installed."""
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and not node.level
    ]
    for name in dict.fromkeys(name.partition(".")[0] for name in imported):
        if name != own and importlib.util.find_spec(name) is None:
            raise ImportError(f"{path} imports {name}, which is not installed in {sys.prefix}")


def _twice(names: tuple[str, ...]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]
