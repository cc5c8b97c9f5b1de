"""What a stage gets from its runner besides its specification and files."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Context:
    """The surroundings of one job."""

    device: str
    """Where to compute, as torch names it: `cpu` or `cuda`."""
    data_dir: Path
    """Where downloads are kept, in a folder for each source."""
    manifest_id: str
    """Pins the whole history of the result; figures carry it."""
    report: Callable[[str], None]
    """Shows one line of progress."""
    sources: list[Path] = field(default_factory=list)
    """Raw files read besides the inputs; the manifest records their digests."""

    def progress(self, items: Iterable[Item], what: str) -> Iterable[Item]:
        """Passes on the items of a sized iterable, reporting each as `what 3/12`."""
        items = list(items)
        for number, item in enumerate(items, start=1):
            self.report(f"{what} {number}/{len(items)}")
            yield item
