"""Verdicts on results: what is broken, what is stale, and what is worth a note."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from lossbasins.provenance.embedded import carried_id
from lossbasins.provenance.frozen import FrozenError, frozen_root, read_index
from lossbasins.provenance.history import Histories, Input, Result, shown
from lossbasins.provenance.manifest import Manifest

FIGURES = frozenset({".pdf", ".svg", ".png"})
MovedOn = Callable[[Manifest], Sequence[str]]
"""Says, by name, what is no longer as a manifest records it."""


class Verdict(IntEnum):
    """Of a result or of all; the number is the exit code."""

    VERIFIED = 0
    STALE = 1
    BROKEN = 2


@dataclass(frozen=True)
class Finding:
    """What there is to say of a result; with the verdict VERIFIED it is a mere note."""

    verdict: Verdict
    text: str


@dataclass(frozen=True)
class Judged:
    """A result and what was found about it alone, its inputs aside."""

    result: Result
    findings: Sequence[Finding]

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings."""
        return max((finding.verdict for finding in self.findings), default=Verdict.VERIFIED)


@dataclass(frozen=True)
class Bytes:
    """What was read of a file."""

    digest: str
    size: int


class Judge:
    """Judges results by the bytes that were seen.

    Args:
        seen: every output and raw file that exists.
        histories: where the results were read.
        moved_on: what a run would do otherwise now; of frozen results it is but a note.
    """

    def __init__(self, seen: Mapping[Path, Bytes], histories: Histories, moved_on: MovedOn) -> None:
        self._seen = seen
        self._histories = histories
        self._moved_on = moved_on
        self._left_out: dict[Path, Mapping[Path, str] | str] = {}

    def judged(self, result: Result) -> Judged:
        """One result."""
        manifest, tampering = result.manifest, result.tampering
        findings = [_broken(tampering)] if tampering else []
        if manifest is None:
            return Judged(result, findings)
        root = frozen_root(result.path.parent)
        left_out = self._listed(root) if root else {}
        if isinstance(left_out, str):
            findings.append(_broken(left_out))
            left_out = {}
        findings += self._outputs(result, manifest, left_out)
        for given in result.inputs:
            findings += self._input(given) if given.read.maker else self._raw(given, frozen=root is not None)
        # What an edited manifest says is compared with nothing.
        for text in self._moved_on(manifest) if result.sealed else ():
            findings.append(
                Finding(Verdict.VERIFIED, f"frozen; since then: {text}") if root else Finding(Verdict.STALE, text)
            )
        return Judged(result, findings)

    def _listed(self, root: Path) -> Mapping[Path, str] | str:
        """What was left out of a frozen folder; a line that says why that is not known."""
        if root not in self._left_out:
            try:
                self._left_out[root] = {root / name: digest for name, digest in read_index(root).left_out.items()}
            except FrozenError as error:
                self._left_out[root] = str(error)
        return self._left_out[root]

    def _outputs(self, result: Result, manifest: Manifest, left_out: Mapping[Path, str]) -> Iterable[Finding]:
        for output, file in result.outputs:
            seen = self._seen.get(file)
            if seen is None and left_out.get(file) == output.sha256:
                yield Finding(Verdict.VERIFIED, f"{shown(file)}: not kept, {output.size:,} bytes")
            elif seen is None:
                yield _broken(f"{shown(file)}: missing")
            elif seen.size < output.size:
                yield _broken(f"{shown(file)}: truncated, {seen.size:,} of {output.size:,} bytes")
            elif seen.digest != output.sha256:
                yield _broken(f"{shown(file)}: bytes differ")
            elif file.suffix in FIGURES and (carried_id(file) or manifest.id) != manifest.id:
                yield _broken(f"{shown(file)}: carries the id of another manifest than {shown(result.path)}")

    def _raw(self, given: Input, *, frozen: bool) -> Iterable[Finding]:
        name = shown(given.file) if given.file else given.read.path
        seen = self._seen.get(given.file) if given.file else None
        if seen is None and frozen:
            yield Finding(Verdict.VERIFIED, f"{name}: raw file, not kept")
        elif seen is None:
            yield _broken(f"{name}: raw file missing")
        elif seen.digest != given.read.sha256:
            yield _broken(f"{name}: raw file, bytes differ")

    def _input(self, given: Input) -> Iterable[Finding]:
        """What the manifest of an input says; its bytes are the matter of that manifest."""
        if given.maker is None or given.file is None:
            yield _broken(f"{shown(given.file or Path(given.read.path))}: its manifest is missing")
            return
        maker = self._histories.result(given.maker)
        if maker.manifest is None or not maker.sealed:
            return
        recorded = {file: output.sha256 for output, file in maker.outputs}[given.file]
        if recorded != given.read.sha256:
            yield Finding(Verdict.STALE, f"input {shown(given.file)} was made again since")
        elif maker.manifest.id != given.read.maker:
            # A run would do nothing now: it compares by content.
            yield Finding(Verdict.VERIFIED, f"input {shown(given.file)} was made again since, to the same bytes")


def _broken(text: str) -> Finding:
    return Finding(Verdict.BROKEN, text)
