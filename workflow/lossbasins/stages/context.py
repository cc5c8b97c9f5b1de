"""What a stage gets from its runner besides its specification and files."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Report(Protocol):
    """Shows one line of progress."""

    def __call__(self, line: str, done: float | None = None) -> None:
        """With the share of the work that is done, if the line is about that."""


@dataclass(frozen=True)
class Context:
    """The surroundings of one job."""

    device: str
    """Where to compute, as torch names it: `cpu` or `cuda`."""
    data_dir: Path
    """Where downloads are kept, in a folder for each source."""
    manifest_id: str
    """Pins the whole history of the result; figures carry it."""
    state: Path
    """Where a long job may save its state; removed once the job is done."""
    save_every: float
    """Seconds between two saved states."""
    report: Report
    sources: list[Path] = field(default_factory=list)
    """Raw files read besides the inputs; the manifest records their digests."""
    left_to_model: list[str] = field(default_factory=list)
    """Parameters that started as the model itself drew them; the manifest names them."""

    def progress(self, items: Iterable[Item], what: str) -> Iterable[Item]:
        """Passes on the items of a sized iterable, reporting each as `what 3/12`."""
        items = list(items)
        for number, item in enumerate(items, start=1):
            self.report(f"{what} {number}/{len(items)}", (number - 1) / len(items))
            yield item
