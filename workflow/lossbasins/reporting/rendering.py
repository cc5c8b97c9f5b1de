"""Figures as bytes that depend on nothing but the figure and the manifest that they carry."""

from io import BytesIO
from typing import Literal

from matplotlib.figure import Figure

from lossbasins.reporting.style import print_style

Format = Literal["pdf", "svg", "png"]


def rendered(figure: Figure, file_format: Format, title: str, manifest_id: str) -> bytes:
    """A figure as a file without date or host, the same bytes for the same figure.

    Args:
        figure: what to draw.
        file_format: `pdf` carries the manifest in its keywords, `svg` as its identifier, `png` as text `Manifest`.
        title: of the document.
        manifest_id: pins the figure's history.
    """
    metadata: dict[Format, dict[str, str | None]] = {
        "pdf": {"Title": title, "Keywords": f"manifest {manifest_id}", "CreationDate": None},
        "svg": {"Title": title, "Identifier": f"manifest:{manifest_id}", "Date": None},
        "png": {"Title": title, "Manifest": manifest_id},
    }
    buffer = BytesIO()
    with print_style():
        figure.savefig(buffer, format=file_format, metadata=metadata[file_format])
    return buffer.getvalue()
