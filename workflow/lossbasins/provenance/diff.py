"""Where the histories of two results differ: settings, modules, versions, surroundings, raw files, bytes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lossbasins.provenance.history import Histories, Input, Result, known
from lossbasins.provenance.manifest import Manifest, other_surroundings
from lossbasins.provenance.present import MISSING, differences

DIGITS = 12
"""Of a digest in print."""
INPUT = "input "
"""What the name of a file that was read follows."""


@dataclass(frozen=True)
class Difference:
    """One thing that two histories do not share."""

    what: str
    left: str
    right: str


def diff(left: Path, right: Path, histories: Histories) -> dict[Difference, list[str]]:
    """What differs between two results and all that they were made from.

    Results are compared with those that took the same place in the other history: inputs of one name, first those of
    the same path within the study, then the others in order.

    Args:
        left: a manifest, as an absolute path.
        right: another.
        histories: where they are read.

    Returns:
        Each difference, with the stages where it shows, one entry for each pair of results.

    Raises:
        ValueError: a manifest cannot be read, or was edited.
    """
    found: dict[Difference, list[str]] = {}
    seen: set[tuple[Path, Path]] = set()
    waiting = [(left, right)]
    while waiting:
        pair = waiting.pop(0)
        if pair in seen:
            continue
        seen.add(pair)
        a, b = map(histories.result, pair)
        one, other = known(a), known(b)
        for difference in [*_manifests(one, other), *_outputs(a, b)]:
            found.setdefault(difference, []).append(one.stage)
        for name in dict.fromkeys(given.read.name for given in (*a.inputs, *b.inputs)):
            for mine, yours in _pairs(_named(a, name), _named(b, name)):
                if mine and yours and mine.maker and yours.maker:
                    waiting.append((mine.maker, yours.maker))
                    continue
                for difference in _raw(name, mine, yours):
                    found.setdefault(difference, []).append(one.stage)
    return found


def _manifests(left: Manifest, right: Manifest) -> Iterable[Difference]:
    if left.stage != right.stage:
        yield Difference("stage", left.stage, right.stage)
        return
    for name, a, b in differences(left.spec, right.spec):
        yield Difference(f"setting {name}", a, b)
    yield from _mappings("module", left.modules, right.modules, DIGITS)
    yield from _mappings("version of", left.versions, right.versions)
    if _commit(left) != _commit(right):
        yield Difference("commit", _commit(left), _commit(right))
    for name, (a, b) in other_surroundings(left, right).items():
        yield Difference(name, a, b)


def _mappings(
    kind: str, left: Mapping[str, str], right: Mapping[str, str], digits: int | None = None
) -> Iterable[Difference]:
    for name in sorted(left.keys() | right.keys()):
        a, b = left.get(name, MISSING), right.get(name, MISSING)
        if a != b:
            yield Difference(f"{kind} {name}", a[:digits], b[:digits])


def _commit(manifest: Manifest) -> str:
    if manifest.commit is None:
        return "no repository"
    return manifest.commit[:DIGITS] + (", with changes" if manifest.dirty else "")


def _outputs(left: Result, right: Result) -> Iterable[Difference]:
    """Bytes of outputs that differ although all that determines them is the same."""
    if known(left).id != known(right).id:
        return
    a, b = ({output.name: output.sha256 for output, _ in result.outputs} for result in (left, right))
    yield from _mappings("bytes of", a, b, DIGITS)


def _raw(name: str, left: Input | None, right: Input | None) -> Iterable[Difference]:
    a, b = (_described(given) for given in (left, right))
    if left is None or right is None or left.read.sha256 != right.read.sha256:
        yield Difference(f"{INPUT}{name}", a, b)


def _described(given: Input | None) -> str:
    return MISSING if given is None else f"{given.read.path} {given.read.sha256[:DIGITS]}"


def _named(result: Result, name: str) -> Sequence[Input]:
    return [given for given in result.inputs if given.read.name == name]


def _pairs(left: Sequence[Input], right: Sequence[Input]) -> Iterable[tuple[Input | None, Input | None]]:
    """Inputs of the same path within their studies, then the rest in order, then those that have no other."""
    others = list(right)
    rest: list[Input] = []
    for given in left:
        same = next((other for other in others if _within_study(other) == _within_study(given)), None)
        if same is None:
            rest.append(given)
        else:
            others.remove(same)
            yield given, same
    for place in range(max(len(rest), len(others))):
        yield (rest[place] if place < len(rest) else None), (others[place] if place < len(others) else None)


def _within_study(given: Input) -> tuple[str, ...]:
    """A path without `results/<study>`."""
    return Path(given.read.path).parts[2:]
