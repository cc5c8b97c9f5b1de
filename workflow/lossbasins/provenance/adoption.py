"""Results that Snakemake does not remember, such as unpacked or copied ones: their manifests tell it what made them."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from snakemake.io import IOFile
from snakemake.persistence import RECORD_FORMAT_VERSION, MetadataRecord
from snakemake.persistence.file import FilePersistence

from lossbasins.jobs import recorded_text
from lossbasins.provenance.history import SOURCE, Histories, Result, known, shown
from lossbasins.provenance.manifest import SUFFIX, sha256_of


@dataclass(frozen=True)
class Adopted:
    """What was found of results that Snakemake did not remember."""

    done: int
    """How many are, to the byte, what their manifests say; a run remakes those alone that have moved on since."""
    refused: Sequence[str]
    """One line for each that is not, and is made again."""

    def lines(self) -> Iterable[str]:
        """What a user has to know of it."""
        if self.done:
            yield f"{self.done} results came with manifests, which their bytes agree with: they need not be made again"
        if self.refused:
            yield f"{len(self.refused)} results are not as recorded, and are made again; the first is {self.refused[0]}"


def adopt(folder: Path) -> Adopted:
    """Gives Snakemake back its records of results that it has none of.

    They are those that the jobs left where they ran, so that afterwards the same edits rerun the same jobs as there.
    Files get the times back at which their jobs ended. That an input or an output is missing is no matter here. Files
    that no whole manifest lists are left to their times.

    Args:
        folder: of a study's results, below the working folder; it may be missing.
    """
    manifests = sorted(folder.absolute().rglob(f"*{SUFFIX}"))
    if not manifests:
        return Adopted(done=0, refused=())
    memory, histories, digest = FilePersistence(), Histories(Path("data")), cache(sha256_of)
    done, refused = 0, []
    for path in manifests:
        result = histories.result(path)
        if result.manifest is None or memory.metadata(IOFile(shown(path))):
            continue
        amiss = _amiss(result, digest)
        if amiss is None:
            record, done = _record(result), done + 1
        else:
            record = _refusal(amiss)
            refused.append(amiss)
        for file in (path, *(file for _, file in result.outputs)):
            memory._write_record(shown(file), record)
            if record.endtime and file.is_file():
                os.utime(file, (record.endtime, record.endtime))
    return Adopted(done, refused)


def _amiss(result: Result, digest: Callable[[Path], str]) -> str | None:
    """Why a result does not count as done; None where every byte that there is of it is as recorded."""
    if result.tampering:
        return result.tampering
    recorded = [(file, output.sha256) for output, file in result.outputs]
    recorded += _inputs(result)
    changed = (file for file, sha256 in recorded if file.is_file() and digest(file) != sha256)
    return next((f"{shown(file)}: bytes differ" for file in changed), None)


def _inputs(result: Result) -> Iterable[tuple[Path, str]]:
    """Those that its rule names, with their recorded digests."""
    for given in result.inputs:
        if given.file and given.read.name != SOURCE:
            yield given.file, given.read.sha256


def _record(result: Result) -> MetadataRecord:
    """What Snakemake itself records when a job ends, of what it compares later."""
    manifest = known(result)
    started = manifest.started.timestamp()
    return MetadataRecord(
        rule=manifest.stage,
        input=sorted(shown(file) for file, _ in _inputs(result)),
        params=[repr(recorded_text(manifest.code, manifest.spec, manifest.versions))],
        input_checksums={shown(file): f"sha256:{digest}" for file, digest in _inputs(result)},
        starttime=started,
        endtime=started + manifest.seconds,
        incomplete=False,
        record_format_version=RECORD_FORMAT_VERSION,
    )


def _refusal(amiss: str) -> MetadataRecord:
    """A record of other parameters than any job has, so that a run makes the file again, and says why."""
    return MetadataRecord(params=[repr(amiss)], incomplete=False, record_format_version=RECORD_FORMAT_VERSION)
