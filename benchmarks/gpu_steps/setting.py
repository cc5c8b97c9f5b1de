"""Where the steps run."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

DEVICE = "cuda"

Size = TypeVar("Size")


@dataclass(frozen=True)
class Setting:
    """What all steps are given."""

    scratch: Path
    """A folder for what steps write, which holds the archive of images and is removed at the end."""
    pretend: Path | None
    """Module of the pretend device; None on a real GPU."""
    threads: int
    """Of the processor."""

    def size(self, full: Size, tiny: Size) -> Size:
        """The first on a GPU, the second in a rehearsal."""
        return tiny if self.pretend else full
