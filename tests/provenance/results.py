"""A made-up result on disk, for tests that need no real one."""

from datetime import UTC, datetime
from pathlib import Path

from lossbasins.provenance.fingerprint import digest_of
from lossbasins.provenance.manifest import Manifest, Read, Written, identity, manifest_text, sha256_of


def written(
    root: Path, stage: str, files: dict[str, bytes], inputs: tuple[tuple[str, str, str | None], ...] = (), **changes
):
    """Writes files and their manifest under a root, and gives the manifest's path.

    Inputs are (name, path, id of the maker); other fields of the manifest may be given.
    """
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    modules = changes.pop("modules", {})
    values = {"spec": {}, "versions": {}, "commit": "c" * 40, "dirty": False, "device": "cpu (x86_64)", "threads": 1}
    values |= changes
    reads = [Read(name=name, path=path, sha256=sha256_of(root / path), maker=maker) for name, path, maker in inputs]
    code = digest_of(modules)
    manifest = Manifest(
        id=identity(stage, values["spec"], code, values["versions"], reads),
        stage=stage,
        code=code,
        modules=modules,
        host="here",
        nondeterministic=[],
        started=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=1.5,
        inputs=reads,
        outputs=[
            Written(name=Path(path).stem, path=path, sha256=sha256_of(root / path), size=len(content))
            for path, content in files.items()
        ],
        **values,
    )
    path = (root / next(iter(files))).with_name(f"{stage}.manifest.json")
    path.write_text(manifest_text(manifest))
    return path, manifest.id
