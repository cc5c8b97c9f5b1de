"""A finished study as its folder holds it, checked: its files, and the manifests that say what made them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lossbasins import catalogue, paths
from lossbasins.configuration.files import configurations
from lossbasins.provenance.fingerprint import code_of
from lossbasins.provenance.folders import files_below
from lossbasins.provenance.history import Histories, Result
from lossbasins.provenance.manifest import SUFFIX, Manifest, sha256_of
from lossbasins.study import Study


@dataclass(frozen=True)
class Finished:
    """What a study has made, with paths as manifests name them, such as `results/smoke/summary.txt`."""

    study: str
    digests: Mapping[str, str]
    """SHA-256 of each file, by path."""
    manifests: Mapping[str, Manifest]
    """By path, in the order in which the jobs started."""


def finished(study: str, project: Path) -> Finished:
    """Reads a study's folder, which lies below the working folder; hidden files, which jobs leave on their way, aside.

    Args:
        study: its name.
        project: the folder of `config.yaml` and `studies/`.

    Raises:
        ValueError: no configuration has this name; the study has not come to its end; a file is not what a manifest
            records, or none does; or code or versions have changed since; one line.
    """
    folder = Path(paths.STUDY.format(study=study))
    targets = _configured(study, project).targets()
    if not folder.is_dir():
        raise ValueError(
            f"{folder}: no such folder below {Path.cwd()}; start in the project's folder, or run the study"
        )
    for target in targets:
        if not Path(target).is_file():
            raise ValueError(f"{target}: no such file, so the study {study} is not finished; run it to its end")
    files = files_below(folder)
    histories = Histories(Path("data"))
    manifests = {
        path.as_posix(): _intact(histories.result(path.absolute())) for path in files if path.name.endswith(SUFFIX)
    }
    record = Finished(
        study=study,
        digests={path.as_posix(): sha256_of(path) for path in files},
        manifests=dict(sorted(manifests.items(), key=lambda item: item[1].started)),
    )
    _check_records(record)
    for path, manifest in record.manifests.items():
        _check_bytes(path, manifest, record)
        _check_code(path, manifest)
    return record


def _configured(study: str, project: Path) -> Study:
    """The study as `config.yaml` or an overlay of it has it."""
    known = {str(mapping.get("study")): mapping for mapping in configurations(project).values()}
    if study not in known:
        raise ValueError(f"no study {study!r}; config.yaml and studies/ configure {', '.join(sorted(known))}")
    return Study.from_mapping(known[study])


def _intact(result: Result) -> Manifest:
    if result.manifest is None or result.tampering:
        raise ValueError(f"{result.tampering}; run the study again, or delete what is left over")
    return result.manifest


def _check_records(record: Finished) -> None:
    recorded = {file.path for manifest in record.manifests.values() for file in manifest.outputs}
    for path in record.digests:
        if path not in recorded and path not in record.manifests:
            raise ValueError(f"{path}: no manifest records it; run the study again, or move the file elsewhere")


def _check_bytes(path: str, manifest: Manifest, record: Finished) -> None:
    made = [file for file in manifest.inputs if file.maker]
    for name, digest in [(file.path, file.sha256) for file in manifest.outputs] + [(f.path, f.sha256) for f in made]:
        if record.digests.get(name) != digest:
            raise ValueError(f"{name}: missing, or not the bytes that {path} records; run the study again")
    makers = {other.id for other in record.manifests.values()}
    for file in made:
        if file.maker not in makers:
            raise ValueError(f"{file.path}: {path} records another maker than there is now; run the study again")


def _check_code(path: str, manifest: Manifest) -> None:
    try:
        stage = catalogue.stage(manifest.stage)
        spec = stage.spec.model_validate_json(json.dumps(dict(manifest.spec)), strict=True)
        code = code_of(stage.module, spec.modules())
        same = (code.digest, code.versions) == (manifest.code, manifest.versions)
    except ValueError:
        same = False
    if not same:
        raise ValueError(
            f"{path}: made by other code or versions than here; run the study again, or delete what is left over"
        )
