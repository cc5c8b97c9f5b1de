"""What has moved on since a result was made: modules, versions and settings, by name."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lossbasins import catalogue
from lossbasins.configuration import files
from lossbasins.configuration.reading import ConfigurationError
from lossbasins.jobs import Jobs
from lossbasins.patterns import NOTHING, wildcard_patterns
from lossbasins.provenance.fingerprint import module_digest, version_of
from lossbasins.provenance.history import shown
from lossbasins.provenance.manifest import Manifest
from lossbasins.study import Study

MISSING = "nothing"


class Present:
    """The code, the versions and the configurations that a run would use now.

    Args:
        project: folder of `config.yaml` and `studies/`.
        configfiles: overlays of the configuration, looked at before those in `studies/`.
    """

    def __init__(self, project: Path, configfiles: Sequence[Path] = ()) -> None:
        self._project = project
        self._configfiles = configfiles
        self._studies: dict[str, Study | str] = {}

    def moved_on(self, manifest: Manifest) -> list[str]:
        """One line for each module, version or setting that is no longer as a manifest records it."""
        return [*_moved_modules(manifest), *_moved_versions(manifest), *self._moved_settings(manifest)]

    def _moved_settings(self, manifest: Manifest) -> Iterable[str]:
        wildcards = _wildcards(manifest)
        if wildcards is None or not self._configurations:
            return
        study = self._study(wildcards["study"])
        if isinstance(study, str):
            yield study
            return
        allowed = wildcard_patterns(study)
        gone = [
            f"{name} {value}"
            for name, value in wildcards.items()
            if not re.fullmatch(allowed.get(name, NOTHING), value)
        ]
        outputs = {output.path for output in manifest.outputs}
        if not gone and set(wildcards) == {"study"} and outputs.isdisjoint([*study.targets(), *study.extras()]):
            gone.append(manifest.stage)
        if manifest.stage == catalogue.CHEAP and not study.cheap_measures:
            gone.append("cheap measures")
        if gone:
            yield f"settings: the study {study.name} no longer has {', '.join(gone)}"
            return
        stage = catalogue.stage(manifest.stage)
        spec = Jobs(study).spec(stage.name, SimpleNamespace(**wildcards)).model_dump(mode="json")
        for name, then, now in differences(manifest.spec, spec):
            yield f"setting {name} was {then}, is {now}"

    def _study(self, name: str) -> Study | str:
        """A study as configured now; a line that says why not, if it is not."""
        if name not in self._studies:
            self._studies[name] = self._configured(name)
        return self._studies[name]

    def _configured(self, name: str) -> Study | str:
        called = {source: mapping for source, mapping in self._configurations.items() if mapping.get("study") == name}
        if not called:
            return f"settings: no configuration is called {name}; name its file with --configfile"
        source, mapping = next(iter(called.items()))
        others = [other for other, values in called.items() if values != mapping]
        if others and source not in self._configfiles:
            both = f"{shown(source)} and {shown(others[0])}"
            return f"settings: {both} are both called {name}; rename one, or give one by --configfile"
        try:
            return Study.from_mapping(mapping)
        except ConfigurationError as error:
            return f"settings: {source} is no configuration: {str(error).splitlines()[0]}"

    @cached_property
    def _configurations(self) -> Mapping[Path, Mapping[str, Any]]:
        """Each overlay merged over the default; none outside of a project."""
        if not (self._project / "config.yaml").is_file():
            return {}
        return files.configurations(self._project, self._configfiles)


def differences(left: Any, right: Any, name: str = "") -> list[tuple[str, str, str]]:  # noqa: ANN401, JSON values
    """Where two JSON values differ: dotted names and both values as short texts."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        keys = [*left, *(key for key in right if key not in left)]
        pairs = [(key, left.get(key, MISSING), right.get(key, MISSING)) for key in keys]
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = [(str(place), a, b) for place, (a, b) in enumerate(zip(left, right, strict=True))]
    else:
        return [] if left == right else [(name, short(left), short(right))]
    return [found for key, a, b in pairs for found in differences(a, b, f"{name}.{key}" if name else key)]


def short(value: Any) -> str:  # noqa: ANN401, a JSON value
    """A JSON value in at most some 40 characters."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) > 4:
        return f"{len(value)} values"
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _moved_modules(manifest: Manifest) -> Iterable[str]:
    # A module that a stage did not import before comes with an edit of one that it did.
    for module, digest in manifest.modules.items():
        now = module_digest(module)
        if now != digest:
            yield f"module {module} {'is gone' if now is None else 'has changed'}"


def _moved_versions(manifest: Manifest) -> Iterable[str]:
    for name, then in manifest.versions.items():
        now = version_of(name)
        if now != then:
            yield f"version of {name} was {then}, is {now or MISSING}"


def _wildcards(manifest: Manifest) -> dict[str, str] | None:
    """The wildcards of the path of a study's result; None for a file made elsewhere by hand."""
    try:
        result = catalogue.stage(manifest.stage).result
    except catalogue.UnknownStageError:
        return None
    expression = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(result))
    suffix = result.rpartition(".")[2]
    # The table itself before what stands beside it in the same format.
    outputs = sorted(manifest.outputs, key=lambda output: output.name != suffix)
    matches = (re.fullmatch(expression, output.path) for output in outputs)
    return next((match.groupdict() for match in matches if match), None)
