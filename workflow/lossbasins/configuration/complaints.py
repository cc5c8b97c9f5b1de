"""What is wrong with a configuration, in plain lines."""

import math
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic_core import ErrorDetails

from lossbasins.specs.base import Spec


def complaints(errors: Iterable[ErrorDetails], mapping: Mapping[str, Any], model: type[Spec]) -> Iterable[str]:
    """One line for each wrong key: its full path, what was given and what is allowed.

    Args:
        errors: of pydantic.
        mapping: what was validated, as YAML holds it.
        model: what it was validated as.
    """
    found: dict[str, dict[str, None]] = {}
    for error in errors:
        keys = _keys(error, mapping)
        found.setdefault(".".join(keys), {})[_complaint(error, model)] = None
    for path, allowed in found.items():
        if any(other.startswith(f"{path}.") for other in found):
            continue  # an echo of what is wrong further down
        first, *others = allowed
        # Alternatives of one value repeat what was given.
        line = " or ".join([first, *(other.partition("; ")[2] for other in others)])
        yield f"{path}: {line}" if path else line


def _keys(error: ErrorDetails, value: Any) -> list[str]:  # noqa: ANN401, what YAML holds
    """The part of an error's location that is made of keys, without pydantic's names of alternatives."""
    keys: list[str] = []
    for part in error["loc"]:
        try:
            value = value[part]
        except (KeyError, TypeError, IndexError):
            if error["type"] != "missing" or part != error["loc"][-1]:
                continue
        keys.append(str(part))
    return keys


def _complaint(error: ErrorDetails, model: type[Spec]) -> str:
    match error["type"]:
        case "missing":
            return "missing; give it a value"
        case "extra_forbidden":
            return f"unknown key; allowed: {', '.join(_known_keys(error['loc'][:-1], model))}"
        case _:
            given = error["input"]
            meant = _number(given) if error["type"].startswith(("int", "float")) else ""
            hint = f", and YAML takes {given} for text: write {meant}" if meant else ""
            return f"given {reprlib.repr(given)}; {error['msg'][0].lower()}{error['msg'][1:]}{hint}"


def _number(given: object) -> str:
    """How YAML wants a number that it took for text; empty for anything else."""
    try:
        value = float(str(given)) if isinstance(given, str) else math.nan
    except ValueError:
        return ""
    if not math.isfinite(value):
        return ""
    if value.is_integer() and "." not in str(given):
        return str(int(value))
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e")


def _known_keys(location: Sequence[int | str], model: type[Spec]) -> Sequence[str]:
    annotation: Any = model
    for part in location:
        if isinstance(annotation, type) and issubclass(annotation, Spec):
            annotation = annotation.model_fields[str(part)].annotation
        else:
            annotation = [argument for argument in annotation.__args__ if argument is not ...][-1]
        if type(None) in get_args(annotation):  # what may be null is no part of an error's location
            (annotation,) = (kind for kind in get_args(annotation) if kind is not type(None))
    return tuple(annotation.model_fields)
