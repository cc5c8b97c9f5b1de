"""Drawings in all their formats."""

from matplotlib.figure import Figure

from lossbasins.reporting.rendering import rendered
from lossbasins.specs.files import Drawing


def write_drawing(outputs: Drawing, figure: Figure, title: str, manifest_id: str) -> None:
    """Saves a drawing in three formats; each carries the id of its manifest."""
    outputs.pdf.write_bytes(rendered(figure, "pdf", title, manifest_id))
    outputs.svg.write_bytes(rendered(figure, "svg", title, manifest_id))
    outputs.png.write_bytes(rendered(figure, "png", title, manifest_id))
