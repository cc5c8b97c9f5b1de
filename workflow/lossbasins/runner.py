"""Runs one job: checks what it is given, runs its stage, moves its outputs into place, writes its manifest last."""

import contextlib
import dataclasses
import filecmp
import json
import os
import platform
import re
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, get_type_hints

from pydantic import ValidationError

from lossbasins import catalogue
from lossbasins.progress import Reporter
from lossbasins.provenance import repository
from lossbasins.provenance.allocation import allocation, promised_gpus
from lossbasins.provenance.fingerprint import Code, code_of
from lossbasins.provenance.gpu import float32_products, gpu
from lossbasins.provenance.manifest import (
    Manifest,
    Read,
    Written,
    identity,
    maker_of,
    manifest_text,
    sha256_of,
)
from lossbasins.specs.base import Spec
from lossbasins.specs.modules import load
from lossbasins.specs.stage import Stage
from lossbasins.stages.context import Context
from lossbasins.stages.temporary import beside, sweep

MANIFEST = "manifest"
NONDETERMINISTIC = re.compile(r"(\S+) does not have a deterministic implementation")
"""How torch warns."""
Files = Mapping[str, Sequence[Path]]


class JobError(ValueError):
    """A job cannot run as it was asked to; the message is one line."""


def run_job(
    stage: str,
    job: str,
    inputs: Files,
    outputs: Files,
    *,
    device: str,
    threads: int,
    data_dir: Path,
    save_every: float,
) -> Manifest:
    """Runs one job.

    Args:
        stage: full name of the stage.
        job: JSON text as `lossbasins.jobs.job_text` makes it.
        inputs: files of each input by name.
        outputs: files of each output by name, `manifest` among them.
        device: `auto`, `cpu` or `cuda`.
        threads: how many threads numerical libraries may use.
        data_dir: folder of the downloads.
        save_every: seconds between two saved states of a long job.

    Returns:
        The manifest, as written.

    Raises:
        JobError: what is given does not fit the stage, or the code is not the one that the job was planned with.
    """
    _limit_threads(threads)
    started, clock = datetime.now(UTC), time.monotonic()
    found, spec, code = _check_job(stage, job)
    if len(outputs.get(MANIFEST, ())) != 1:
        raise JobError(f"{stage}: outputs lack {MANIFEST}; give it one path")
    given = _files(found.inputs, inputs, f"{stage}: inputs")
    final = _files(found.outputs, {name: p for name, p in outputs.items() if name != MANIFEST}, f"{stage}: outputs")
    read = [_read(name, path) for name, paths in inputs.items() for path in paths]
    device = _device(device, threads, code)
    values = spec.model_dump(mode="json")
    manifest_path = outputs[MANIFEST][0]
    reporter = Reporter(found.name)
    context = Context(
        device=device,
        data_dir=data_dir,
        manifest_id=identity(stage, values, code.digest, code.versions, read),
        state=manifest_path.with_name(f".{found.name}.state"),
        save_every=save_every,
        report=reporter,
    )
    with _whole_or_not_at_all([*dataclasses.asdict(final).values(), manifest_path]) as temporary:
        targets = {name: temporary[path] for name, path in dataclasses.asdict(final).items()}
        with contextlib.closing(reporter), _nondeterministic_operations() as nondeterministic:
            load(found.module).run(spec, given, found.outputs(**targets), context)
        read += [Read(name="source", path=path.name, sha256=sha256_of(path), maker=None) for path in context.sources]
        manifest = Manifest(
            id=identity(stage, values, code.digest, code.versions, read),
            stage=stage,
            spec=values,
            code=code.digest,
            modules=code.modules,
            versions=code.versions,
            commit=repository.commit(),
            dirty=repository.is_dirty(),
            host=platform.node(),
            device=_device_name(device),
            threads=threads,
            nondeterministic=nondeterministic,
            left_to_model=context.left_to_model,
            started=started,
            seconds=round(time.monotonic() - clock, 3),
            inputs=read,
            outputs=[
                Written(name=name, path=str(path), sha256=sha256_of(targets[name]), size=targets[name].stat().st_size)
                for name, path in dataclasses.asdict(final).items()
            ],
            gpu=None if device == "cpu" else gpu(),
            scheduler=allocation(),
        )
        temporary[manifest_path].write_text(manifest_text(manifest), encoding="utf-8")
    context.state.unlink(missing_ok=True)
    sweep(context.state)
    return manifest


def _check_job(stage: str, text: str) -> tuple[Stage, Spec, Code]:
    try:
        job = json.loads(text)
        planned_code, planned_versions, spec_values = job["code"], job["versions"], job["spec"]
    except (ValueError, KeyError, TypeError):
        raise JobError(f"{stage}: the job is no JSON text with code, spec and versions") from None
    try:
        found = catalogue.stage(stage)
        spec = found.spec.model_validate_json(json.dumps(spec_values), strict=True)
    except catalogue.UnknownStageError as error:
        raise JobError(str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise JobError(f"{stage}: spec.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    code = code_of(found.module, spec.modules())
    if code.digest != planned_code:
        raise JobError(f"{stage}: its code has changed since this job was planned; run the study again")
    if code.versions != planned_versions:
        changed = sorted(set(code.versions.items()) ^ set(planned_versions.items()))
        raise JobError(f"{stage}: other versions than planned ({changed}); run the study again")
    return found, spec, code


def _files(kind: type, files: Files, where: str) -> Any:  # noqa: ANN401, Inputs or Outputs of the stage
    allowed = get_type_hints(kind)
    if unknown := sorted(set(files) - set(allowed)):
        raise JobError(f"{where}: given {', '.join(unknown)}; allowed: {', '.join(allowed) or 'none'}")
    values: dict[str, Path | tuple[Path, ...]] = {}
    for name, annotation in allowed.items():
        paths = tuple(files.get(name, ()))
        if annotation is not Path:
            values[name] = paths
        elif len(paths) == 1:
            values[name] = paths[0]
        else:
            raise JobError(f"{where}: {name} takes one path, given {len(paths)}")
    return kind(**values)


def _read(name: str, path: Path) -> Read:
    if not path.is_file():
        raise JobError(f"{path}: no such file; it is the input {name}")
    digest, maker = sha256_of(path), maker_of(path)
    if maker and digest not in {output.sha256 for output in maker.outputs if Path(output.path).name == path.name}:
        raise JobError(f"{path}: not the bytes that its manifest records; delete it and run the study again")
    return Read(name=name, path=str(path), sha256=digest, maker=maker.id if maker else None)


@contextlib.contextmanager
def _whole_or_not_at_all(paths: Sequence[Path]) -> Iterator[dict[Path, Path]]:
    """Gives a temporary path beside each path; renames all of them, the last one last, unless an error comes."""
    temporary = {path: beside(path) for path in paths}
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            sweep(path)
        yield temporary
        # A second copy of a job leaves the manifest in place while others may read it.
        if not all(path.exists() and filecmp.cmp(temporary[path], path, shallow=False) for path in paths[:-1]):
            paths[-1].unlink(missing_ok=True)
        readable = 0o666 & ~_umask()
        for path, written in temporary.items():
            written.chmod(readable)
            written.replace(path)
    finally:
        for written in temporary.values():
            written.unlink(missing_ok=True)


@contextlib.contextmanager
def _nondeterministic_operations() -> Iterator[list[str]]:
    """Collects the names of the operations that torch warns of: they have no deterministic algorithm.

    Other warnings are told at the end, each once, however many steps of a job gave it.
    """
    found: list[str] = []
    told: dict[tuple[str, type[Warning], str, int], None] = {}

    def take(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,  # noqa: ARG001, as the standard library calls it
        line: str | None = None,  # noqa: ARG001
    ) -> None:
        told[str(message), category, filename, lineno] = None

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = take
        yield found
    for warning in told:
        if match := NONDETERMINISTIC.match(warning[0]):
            found.append(match[1])
        else:
            warnings.warn_explicit(*warning)
    found[:] = sorted(set(found))


def _umask() -> int:
    """The permissions that new files shall not have; safetensors gives its own."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _limit_threads(threads: int) -> None:
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(threads)
    # Needed by cuBLAS for the deterministic algorithms that are asked for below.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def _device(wanted: str, threads: int, code: Code) -> str:
    """Sets torch up, where the stage uses it, and says where to compute."""
    if wanted not in ("auto", "cpu", "cuda"):
        raise JobError(f"device: given {wanted!r}; allowed: auto, cpu, cuda")
    if "torch" not in code.versions:
        return "cpu"
    import torch

    torch.set_num_threads(threads)
    # As torch.use_deterministic_algorithms(True, warn_only=True), which would import torch's compiler, for 1.5 seconds.
    torch.set_deterministic_debug_mode("warn")
    # No result depends on memory that was never written, so there is no need to spend time on filling it.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    # Float32 means float32: torch would let cuDNN round convolutions to TF32. It is told so by its former name first:
    # what the two names disagree on nobody could read, as the context torch.backends.cudnn.flags does.
    torch.backends.cudnn.allow_tf32 = False
    for products in float32_products():
        products.fp32_precision = "ieee"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise JobError("device: given 'cuda', but no GPU is to be seen here; set device to cpu or auto")
    if wanted == "auto" and promised_gpus() and not torch.cuda.is_available():
        raise JobError(
            f"device: SLURM gave this job {promised_gpus()} GPU on {platform.node()}, but torch sees none; "
            "look at that node and its driver (docs/cluster.md), or set device to cpu"
        )
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def _device_name(device: str) -> str:
    if device == "cpu":
        return f"cpu ({platform.machine()})"
    import torch

    return f"cuda ({torch.cuda.get_device_name()})"
