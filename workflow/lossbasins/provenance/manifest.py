"""Manifests: for each result what made it, written beside it, last."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lossbasins.provenance.allocation import Allocation
from lossbasins.provenance.fingerprint import digest_of
from lossbasins.provenance.gpu import Gpu

SUFFIX = ".manifest.json"
UNSEALED = '\n  "seal": ""'
SEAL = re.compile(r'\n  "seal": "([0-9a-f]{64})"')


class Read(BaseModel):
    """A file that a job read."""

    model_config = ConfigDict(frozen=True)
    name: str
    """Of the input of its stage, or `source` for a raw file that the stage found by itself."""
    path: str
    sha256: str
    maker: str | None
    """Id of the manifest of the job that made it; None for raw files."""


class Written(BaseModel):
    """A file that a job wrote."""

    model_config = ConfigDict(frozen=True)
    name: str
    path: str
    sha256: str
    size: int
    """In bytes."""


class Manifest(BaseModel):
    """What made a result."""

    model_config = ConfigDict(frozen=True)
    id: str
    """See `identity`."""
    stage: str
    spec: Mapping[str, Any]
    code: str
    """Digest of all modules."""
    modules: Mapping[str, str]
    """Digest of each module."""
    versions: Mapping[str, str]
    commit: str | None
    """Of the repository; None outside of one."""
    dirty: bool | None
    """Whether the working tree had other changes."""
    host: str
    device: str
    threads: int
    nondeterministic: Sequence[str]
    """Operations that ran without a deterministic algorithm, for which there was none; usually empty."""
    left_to_model: Sequence[str] = []
    """Parameters that training began with as the model itself drew them, for the initialisation does not say how."""
    started: datetime
    seconds: float
    inputs: Sequence[Read]
    outputs: Sequence[Written]
    gpu: Gpu | None = None
    """What it computed with, if on a GPU."""
    scheduler: Allocation | None = None
    """What it ran on, if on a cluster."""


def other_surroundings(left: Manifest, right: Manifest) -> dict[str, tuple[str, str]]:
    """What two results were computed on and with, hosts and code apart, where it differs: the values of both, by name.

    None of it is in the id, and all of it may move a bit. What is of a GPU is compared between GPUs alone.
    """
    named = [
        {"device": manifest.device, "threads": manifest.threads} | (manifest.gpu.model_dump() if manifest.gpu else {})
        for manifest in (left, right)
    ]
    shared = [name for name in named[0] if name in named[1] and named[0][name] != named[1][name]]
    return {name: (str(named[0][name]), str(named[1][name])) for name in shared}


def identity(
    stage: str, spec: Mapping[str, Any], code: str, versions: Mapping[str, str], inputs: Iterable[Read]
) -> str:
    """The id of a result: a SHA-256 of what determines it, and so, through its inputs, of its whole history.

    Args:
        stage: name of the stage.
        spec: its specification.
        code: digest of its code.
        versions: of what the code imports.
        inputs: all files read, in order; where they lie does not count.
    """
    files = [[file.name, file.sha256, file.maker] for file in inputs]
    return digest_of({"stage": stage, "spec": spec, "code": code, "versions": versions, "inputs": files})


def is_made_up(manifest: Manifest) -> bool:
    """Whether its id or the digest of its code is not that of what it records."""
    known = identity(manifest.stage, manifest.spec, manifest.code, manifest.versions, manifest.inputs)
    return manifest.id != known or manifest.code != digest_of(manifest.modules)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def maker_of(path: Path) -> Manifest | None:
    """The manifest beside a file that lists it as an output; None for a raw file."""
    for candidate in sorted(path.parent.glob(f"*{SUFFIX}")):
        manifest = read_manifest(candidate)
        if any(Path(output.path).name == path.name for output in manifest.outputs):
            return manifest
    return None


def read_manifest(path: Path) -> Manifest:
    """Reads a manifest.

    Raises:
        ValueError: the file is no manifest; one line.
    """
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValueError:
        raise ValueError(f"{path}: no manifest; delete it and run the study again") from None


def manifest_text(manifest: Manifest) -> str:
    """The text of a manifest file, sealed, for people to read too."""
    return sealed_text(manifest.model_dump(mode="json"))


def sealed_text(values: Mapping[str, Any]) -> str:
    """JSON with sorted keys, one of them `seal`: the SHA-256 of the same text with an empty seal."""
    text = json.dumps({**values, "seal": ""}, indent=2, sort_keys=True) + "\n"
    return text.replace(UNSEALED, UNSEALED[:-1] + hashlib.sha256(text.encode()).hexdigest() + '"', 1)


def is_sealed(text: str) -> bool:
    """Whether a text is, to the byte, as `sealed_text` made it."""
    seals = SEAL.findall(text)
    return len(seals) == 1 and hashlib.sha256(SEAL.sub(UNSEALED, text).encode()).hexdigest() == seals[0]
