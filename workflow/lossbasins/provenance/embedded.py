"""The manifest id that a figure carries, and the search for the manifest of a file that left its folder."""

import re
from pathlib import Path

from lossbasins.provenance.manifest import SUFFIX, Manifest, is_sealed, sha256_of

CARRIED = re.compile(rb"[Mm]anifest[ :\0]([0-9a-f]{64})")
"""In the keywords of a pdf, the identifier of an svg, a text chunk of a png."""


def carried_id(file: Path) -> str | None:
    """The manifest id in a figure's metadata; None in other files."""
    match = CARRIED.search(file.read_bytes())
    return match[1].decode() if match else None


def manifest_of_stray(file: Path, results: Path) -> Path | None:
    """The manifest, anywhere under a folder, of a file that was renamed or moved.

    A figure is known by the id in its metadata, any other file by its bytes. Of several manifests one that records
    the file's very bytes goes first, then one outside of `published/`.

    Args:
        file: any file.
        results: folder of all studies.
    """
    identity, digest = carried_id(file), sha256_of(file)
    found: list[tuple[bool, bool, Path]] = []
    for path in sorted(results.rglob(f"*{SUFFIX}")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if f'"{digest}"' not in text and f'"id": "{identity}"' not in text:
            continue
        try:
            manifest = Manifest.model_validate_json(text)
        except ValueError:
            continue
        made_it = digest in {output.sha256 for output in manifest.outputs} and is_sealed(text)
        if made_it or manifest.id == identity:
            found.append((not made_it, "published" in path.parts, path.absolute()))
    return min(found)[2] if found else None
