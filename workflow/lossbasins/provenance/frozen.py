"""The sealed list of a frozen folder: what it holds, and what was left out of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lossbasins.provenance.manifest import is_sealed

INDEX = "frozen.json"


class FrozenError(ValueError):
    """Results cannot be frozen, or were changed since; the message is one line."""


class Index(BaseModel):
    """What the list says; paths are relative to the frozen folder."""

    model_config = ConfigDict(frozen=True)
    manifests: Sequence[str]
    """All of the study."""
    left_out: Mapping[str, str]
    """The digest of each file that was left out, by path."""


def frozen_root(folder: Path) -> Path | None:
    """The nearest folder from this one upwards that holds such a list; None if there is none."""
    if (folder / INDEX).is_file():
        return folder
    return None if folder == folder.parent else frozen_root(folder.parent)


def read_index(root: Path) -> Index:
    """The list of a frozen folder.

    Raises:
        FrozenError: it was edited, or lists other things.
    """
    text = (root / INDEX).read_text(encoding="utf-8", errors="replace")
    if not is_sealed(text):
        raise FrozenError(f"{root / INDEX}: edited since it was written")
    try:
        return Index.model_validate_json(text)
    except ValidationError:
        raise FrozenError(f"{root / INDEX}: not the list of a frozen study; freeze it again") from None
