"""An audit of 1,000 results beside `sha256sum` of the same files: what there is to pay for verdicts.

    python benchmarks/audit.py [results] [kilobytes per file]

Each result is a made-up run of four stages, whose manifests hold as many modules and versions as real ones.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from lossbasins import catalogue
from lossbasins.provenance.fingerprint import code_of, digest_of
from lossbasins.provenance.manifest import Manifest, Read, Written, identity, manifest_text, sha256_of

STAGES = {"train": "solutions.safetensors", "evaluate": "evaluation.csv", "spectrum": "spectrum.npz"}


def written(root: Path, path: str, stage: str, size: int, maker: tuple[str, str, str] | None, seed: int) -> str:
    """Writes a result of random bytes and its manifest; gives its id."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(np.random.default_rng(seed).bytes(size))
    code = code_of(catalogue.stage(stage).module)
    reads = [Read(name="input", path=maker[0], sha256=maker[1], maker=maker[2])] if maker else []
    code_digest = digest_of(code.modules)
    made = Manifest(
        id=identity(stage, {"seed": seed}, code_digest, code.versions, reads),
        stage=stage,
        spec={"seed": seed},
        code=code_digest,
        modules=code.modules,
        versions=code.versions,
        commit=None,
        dirty=None,
        host="",
        device="cpu",
        threads=1,
        nondeterministic=[],
        started=datetime.now(UTC),
        seconds=1.0,
        inputs=reads,
        outputs=[Written(name="output", path=path, sha256=sha256_of(file), size=size)],
    )
    file.with_name(f"{stage}.manifest.json").write_text(manifest_text(made))
    return made.id


def timed(line: str, folder: Path) -> tuple[tuple[float, float], str]:
    """Seconds and processor seconds of a command, and what it said."""
    started, before = time.monotonic(), os.times()
    done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return (time.monotonic() - started, cpu), done.stdout


def main(results: int = 1000, kilobytes: int = 100) -> None:
    """Prints the times of both, for files in the page cache."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(results // len(STAGES) + 1):
            maker = None
            for stage, name in STAGES.items():
                path = f"results/bench/runs/{number}/{name}"
                made = written(root, path, stage, 1024 * kilobytes, maker, number)
                maker = (path, sha256_of(root / path), made)
        hashed, _ = timed("find . -type f | xargs sha256sum", root)
        audited, said = timed(f"{sys.executable} -m lossbasins audit results/bench", root)
    print(said.splitlines()[-1])
    for name, (wall, cpu) in {"audit": audited, "sha256sum": hashed}.items():
        print(f"{name:10} {wall:6.2f} s, {cpu:6.2f} s of processor time")
    print(f"ratio {audited[1] / hashed[1]:.1f} in processor time")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
