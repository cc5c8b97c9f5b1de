"""What is written where in figures."""

from itertools import combinations

from matplotlib.axis import Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from lossbasins.reporting.style import print_style

SMALLEST_FONT = 7


def assert_readable(figure):
    """All text is at least 7 points, inside the page, and no two pieces lie on each other."""
    canvas = FigureCanvasAgg(figure)
    with print_style():
        canvas.draw()
    renderer = canvas.get_renderer()
    page = figure.bbox
    texts = _written(figure)
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts]
    for text in texts:
        assert text.get_fontsize() >= SMALLEST_FONT, text.get_text()
    for words, box in boxes:
        assert page.x0 <= box.x0 <= box.x1 <= page.x1, words
        assert page.y0 <= box.y0 <= box.y1 <= page.y1, words
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.overlaps(other), (words, others)


def _written(figure):
    """All pieces of text but tick labels beyond the limits of their axis, which exist but are not drawn."""
    axes = [axis for panel in figure.axes for axis in (panel.xaxis, panel.yaxis)]
    of_ticks = {label for tick in figure.findobj(Tick) for label in (tick.label1, tick.label2)}
    drawn = {label for axis in axes for tick in axis._update_ticks() for label in (tick.label1, tick.label2)}
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [text for text in texts if text not in of_ticks or text in drawn]
