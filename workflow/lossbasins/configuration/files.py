"""Configuration files: YAML that says what it means, laid one over the other."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from lossbasins import catalogue
from lossbasins.configuration.reading import ConfigurationError

FREE = frozenset({"device", "data_dir", "save_every"})
"""Settings that change no result."""
TEXT, INTEGER, FLOAT, MERGE = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "merge"))
UNREADABLE = object()


def read(path: Path) -> Mapping[str, Any]:
    """What a file says; empty where it is no mapping.

    Raises:
        ConfigurationError: a line for a file that cannot be read, or for each key that is given twice or is no text,
            each value that holds itself or is not what its tag says, and each number that YAML 1.1 takes for another
            one: with leading zeros (octal) or colons (base 60).
    """
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        problems = list(_misread(node, "", set(), frozenset()))
        values = None if problems or node is None else loader.construct_document(node)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}; studies/ has those of this project"
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is no text in UTF-8; save it as such") from None
    except RecursionError:
        raise ConfigurationError(f"{path} is nested too deeply; write it flatter") from None
    except yaml.YAMLError as error:
        said = str(error).replace('"<unicode string>", ', "")
        raise ConfigurationError(f"{path} is no YAML: {' '.join(said.split())}") from None
    if problems:
        raise ConfigurationError("\n".join(f"{path}, {problem}" for problem in problems))
    return values if isinstance(values, Mapping) else {}


def with_overlay(project: Path, path: Path) -> dict[str, Any]:
    """The default of a project and one overlay merged over it, which Snakemake tells less of that is wrong.

    Raises:
        ConfigurationError: it cannot be read, has no keys, or no name of its own; see `read` and `study_name`.
    """
    overlay = read(path)
    if not overlay:
        raise ConfigurationError(f"{path} has no keys; write some of config.yaml, such as replicas: 2")
    base = read(project / "config.yaml")
    return _over(base, overlay, study_name(base.get("study", ""), overlay, [path]))


def configurations(project: Path, overlays: Sequence[Path] = ()) -> dict[Path, dict[str, Any]]:
    """The default of a project and its overlays merged over it, the given ones before those in `studies/`.

    An overlay that gives no name is called as its file.

    Raises:
        ConfigurationError: one of them cannot be read; see `read`.
    """
    default = project / "config.yaml"
    base = dict(read(default))
    found = {}
    for path in [*overlays, *sorted((project / "studies").glob("*.yaml"))]:
        found[path] = _over(base, read(path), path.stem)
    return found | {default: base}


def study_name(default: str, settings: Mapping[str, Any], overlays: Sequence[Path]) -> Any:  # noqa: ANN401, unchecked
    """What a study is called: as its settings say, else as its last overlay's file, else as the default one.

    Args:
        default: name of the default study.
        settings: what differs from it.
        overlays: files that they come from, if any.

    Raises:
        ConfigurationError: it would be the default one's name, over whose results others would be written.
    """
    if "study" in settings:
        return settings["study"]
    name = overlays[-1].stem if overlays else default
    if name == default and settings.keys() - FREE:
        by = f"{overlays[-1]}, by its name," if overlays else f"--config {' '.join(sorted(settings.keys() - FREE))}"
        raise ConfigurationError(f"study: {by} would write over the study {default!r}; give a name too, as study=mine")
    return name


def only_named(whole: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration over which an overlay was merged.

    Where the overlay says `only`, nothing is left of the data sets, the experiments and the entries of an experiment
    but what it names.
    """
    if overlay.get("only") is not True:
        return dict(whole)
    several = {name for name, experiment in catalogue.experiments().items() if experiment.entry}
    experiments = _named(whole.get("experiments"), overlay.get("experiments"))
    if isinstance(experiments, Mapping):
        experiments = {
            name: _named(entry, overlay["experiments"][name]) if name in several else entry
            for name, entry in experiments.items()
        }
    datasets = _named(whole.get("datasets"), overlay.get("datasets"))
    return {**whole, "datasets": datasets, "experiments": experiments}


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """One mapping over another, as Snakemake merges: mappings key by key, all else replaced."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return result


def _over(base: Mapping[str, Any], overlay: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A default with an overlay over it, which is called so where it gives no name."""
    return only_named(merged(base, {"study": name} | dict(overlay)), overlay)


def _named(whole: Any, over: Any) -> Any:  # noqa: ANN401, what YAML holds
    """Of a mapping what another one names; anything else as it is, to be told of later."""
    if over is None:
        return {}
    both = isinstance(whole, Mapping) and isinstance(over, Mapping)
    return {name: whole[name] for name in over} if both else whole


def _misread(node: yaml.Node | None, name: str, seen: set[int], above: frozenset[int]) -> Iterator[str]:
    """What a reader of YAML silently takes for something else, in a node that is not yet among the seen ones."""
    if node is None:
        return
    line = node.start_mark.line + 1
    if id(node) in above:
        yield f"line {line}: {name} holds itself; write it out"
    if id(node) in seen:
        return
    seen.add(id(node))
    within = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        yield from _misread_mapping(node, name, seen, within)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _misread(value, f"{name}.{number}", seen, within)
    elif (value := _value(node)) is UNREADABLE:
        yield f"line {line}: {name} is {node.value[:40]}, which YAML cannot read as {_kind(node)}; mend or quote it"
    elif node.tag in (INTEGER, FLOAT) and (":" in node.value or _octal(node)):
        yield (
            f"line {line}: {name} is {node.value}, which YAML reads as {value}; "
            "write it without leading zeros and colons, or in quotes"
        )


def _misread_mapping(node: yaml.MappingNode, name: str, seen: set[int], within: frozenset[int]) -> Iterator[str]:
    lines: dict[str, int] = {}
    for key, value in node.value:
        inner = f"{name}.{key.value}" if name else str(key.value)
        line = key.start_mark.line + 1
        if key.tag not in (TEXT, MERGE):
            yield f"line {line}: the key {inner} is no text to YAML, but {_kind(key)}; write it in quotes"
        if inner in lines:
            yield f"line {line}: {inner} was given in line {lines[inner]} already; keep one of the two"
        lines[inner] = line
        yield from _misread(value, inner, seen, within)


def _kind(node: yaml.Node) -> str:
    return str(node.tag).rpartition(":")[2]


def _value(node: yaml.Node) -> Any:  # noqa: ANN401, what YAML holds
    """What YAML takes a scalar for; `UNREADABLE` where it is not what its tag says, or has a tag of no kind."""
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (ValueError, LookupError, AttributeError, yaml.YAMLError):  # whatever the reader of a tag stumbles over
        return UNREADABLE


def _octal(node: yaml.Node) -> bool:
    digits = node.value.lstrip("+-")
    return node.tag == INTEGER and len(digits) > 1 and digits[0] == "0" and digits[1] in "01234567_"
