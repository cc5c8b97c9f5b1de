"""Replays: one result made again from its recorded inputs, and compared."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lossbasins.provenance.fingerprint import canonical_json, module_digest, version_of
from lossbasins.provenance.history import SOURCE, Histories, Result, known, shown
from lossbasins.provenance.manifest import Manifest, other_surroundings, read_manifest, sha256_of
from lossbasins.provenance.values import deviation

TOLERANCES: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(("train", "memorise", "polish", "kick"), 1e-1)
    | dict.fromkeys(("thermodynamic_integration", "subset_simulation", "star_volume"), 1e-1)
    | dict.fromkeys(("frobenius", "spectral_density", "cheap_measures"), 1e-3)
    | dict.fromkeys(("evaluate", "spectrum"), 1e-4)
)
"""Of a stage on another device, relative as `deviation` has it: sums in another order, in float32 but for the last two,
which descents and chains amplify step by step (docs/provenance.md). Between a GPU and a CPU they are guesses, to be
measured by benchmarks/gpu.py."""
TOLERANCE = 1e-9
"""Of all other stages, which compute in float64."""


class ReplayError(ValueError):
    """A result cannot be made again; the message is one line."""


@dataclass(frozen=True)
class Compared:
    """An output beside the one made again."""

    name: str
    file: Path
    same_bytes: bool
    deviation: float
    """Of the values, see `deviation`; 0 for the same bytes."""


@dataclass(frozen=True)
class Replay:
    """What came of making a result again."""

    outputs: Sequence[Compared]
    elsewhere: Sequence[str]
    """What about the surroundings differs from the recorded: host, device, threads, or what a GPU computes with."""
    tolerance: float
    """Of values, relative; it counts only where the surroundings differ."""
    seconds: float

    @property
    def same(self) -> bool:
        """Whether all bytes are the same, or on another device all values within the tolerance."""
        if self.elsewhere:
            return all(output.deviation <= self.tolerance for output in self.outputs)
        return all(output.same_bytes for output in self.outputs)


def replay(path: Path, histories: Histories, data_dir: Path, device: str | None, threads: int | None) -> Replay:
    """Makes a result again in a scratch folder, in a process of its own, and compares.

    Args:
        path: its manifest, as an absolute path.
        histories: where it is read.
        data_dir: folder of the downloads.
        device: `auto`, `cpu` or `cuda`; None for the recorded kind, or the CPU where there is no such thing.
        threads: for numerical libraries; None for as many as recorded.

    Raises:
        ReplayError: the code, a version or an input is not as recorded, or the job fails.
        ValueError: the manifest cannot be read.
    """
    result = histories.result(path)
    manifest = known(result)
    _check_code(manifest)
    inputs = _checked_inputs(result)
    with tempfile.TemporaryDirectory(prefix="lossbasins-replay-") as folder:
        scratch = Path(folder)
        again = _run(manifest, inputs, scratch, data_dir, device, threads)
        others = other_surroundings(manifest, again)
        if manifest.host != again.host:
            others["host"] = manifest.host, again.host
        elsewhere = [f"{name} {then}, now {now}" for name, (then, now) in others.items()]
        outputs = [_compared(output.name, file, output.sha256, scratch / file.name) for output, file in result.outputs]
    return Replay(outputs, elsewhere, TOLERANCES.get(manifest.stage, TOLERANCE), again.seconds)


def _check_code(manifest: Manifest) -> None:
    moved = [name for name, digest in manifest.modules.items() if module_digest(name) != digest]
    moved += [name for name, version in manifest.versions.items() if version_of(name) != version]
    if moved:
        commit = f"; its commit is {manifest.commit}" if manifest.commit else ""
        raise ReplayError(f"{manifest.stage}: not as recorded: {', '.join(moved)}{commit}")


def _checked_inputs(result: Result) -> Sequence[tuple[str, Path]]:
    inputs = [(given.read, given.file) for given in result.inputs if given.read.name != SOURCE]
    for read, file in inputs:
        if file is None or not file.is_file():
            raise ReplayError(f"{shown(file or Path(read.path))}: missing; it is the input {read.name}")
        if sha256_of(file) != read.sha256:
            raise ReplayError(f"{shown(file)}: not the bytes that were read then; it is the input {read.name}")
    return [(read.name, file) for read, file in inputs if file]


def _run(
    manifest: Manifest,
    inputs: Iterable[tuple[str, Path]],
    scratch: Path,
    data_dir: Path,
    device: str | None,
    threads: int | None,
) -> Manifest:
    """Runs the job as the workflow would, and reads its manifest."""
    made = scratch / "replay.manifest.json"
    outputs = [(output.name, scratch / Path(output.path).name) for output in manifest.outputs]
    job = {"code": manifest.code, "spec": manifest.spec, "versions": manifest.versions}
    arguments = ["run", manifest.stage, "--job", canonical_json(job)]
    for name, path in inputs:
        arguments += ["--input", f"{name}={path}"]
    for name, path in [*outputs, ("manifest", made)]:
        arguments += ["--output", f"{name}={path}"]
    kind = device or ("cpu" if manifest.device.startswith("cpu") else "auto")
    arguments += ["--device", kind, "--threads", str(threads or manifest.threads), "--data-dir", str(data_dir)]
    package = str(Path(__file__).parents[2])
    search = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "lossbasins", *arguments], env=os.environ | {"PYTHONPATH": search}, check=False
    )
    if done.returncode != 0:
        raise ReplayError(f"{manifest.stage}: the job failed; its complaint is above")
    return read_manifest(made)


def _compared(name: str, file: Path, recorded: str, again: Path) -> Compared:
    if sha256_of(again) == recorded:
        return Compared(name, file, same_bytes=True, deviation=0.0)
    if not file.is_file() or sha256_of(file) != recorded:
        raise ReplayError(f"{shown(file)}: not the bytes that its manifest records, so nothing to compare with")
    return Compared(name, file, same_bytes=False, deviation=deviation(file, again))
