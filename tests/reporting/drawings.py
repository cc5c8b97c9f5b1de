"""Figures of made-up measurements, and what is written where in them."""

import io
from itertools import combinations

import pandas as pd
from matplotlib.axis import Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from lossbasins.reporting.basin_ratio import basin_ratio
from lossbasins.reporting.claims import claims_table
from lossbasins.reporting.evidence import gathered
from lossbasins.reporting.formats import to_csv
from lossbasins.reporting.protocols import interpolated, matched
from lossbasins.reporting.spectrum import spectrum_table
from lossbasins.reporting.starts import shares, starts
from lossbasins.reporting.style import print_style
from lossbasins.reporting.volume import correlations, points
from lossbasins.specs.claims import Rule
from tests.reporting.measurements import ATTACKS, measurements

SMALLEST_FONT = 7
CASES = {
    "usual": {"statuses": {(3, 1): "not_fitted", (7, 0): "diverged"}},
    "one run": {"optimizers": ("sgd",), "attacks": ATTACKS[:1]},
    "one attack": {"attacks": ((0.1, 400),)},
    "many settings": {
        "optimizers": ("sgd", "adam"),
        "attacks": ((0.0, 0), *((0.01 * 2**i, 100 * 2**i) for i in range(7))),
    },
    "a run left out": {"attacks": ATTACKS[:2], "statuses": {(1, replica): "not_fitted" for replica in range(4)}},
    "one solution": {"optimizers": ("sgd",), "attacks": ATTACKS[:1], "replicas": 1},
    "nothing": {"optimizers": ("sgd",), "attacks": ATTACKS[:1], "replicas": 1, "statuses": {(0, 0): "diverged"}},
}


def read_back(frame):
    return pd.read_csv(io.StringIO(to_csv(frame)))


def spectrum_frames(top=10, **case):
    made = measurements(**case)
    return [read_back(frame) for frame in spectrum_table(made.labels, made.evaluations, made.spectra, top)]


def volume_frames(top=10, **case):
    made = measurements(**case)
    frame = under_protocols(made, top)
    table = correlations(frame, resamples=50, confidence=0.95, smallest_group=5, seed=0)
    return [read_back(frame), read_back(table)]


def basin_frames(below=0.9, **case):
    made = measurements(**case)
    compared = under_protocols(made)
    spectra = dict.fromkeys(compared["protocol"].unique(), made.spectra)
    ratio = basin_ratio(compared, made.labels, spectra, below=below, largest_k=40, band=0.9)
    unattacked = [number for number, label in enumerate(made.labels) if label["attack"] == "none"]
    ends = starts([made.labels[run] for run in unattacked], [made.evaluations[run] for run in unattacked])
    return [read_back(frame) for frame in (ratio, ends, shares(ends, below, 0.95))]


def claims_frame(**case):
    """The ledger of what spectra and volumes say."""
    evidence = gathered({"spectrum": spectrum_frames(**case)[0]}, {"volume": volume_frames(**case)[1]}, 0.95)
    return read_back(claims_table(evidence, {"spectrum": Rule(above=1), "volume": Rule(below=0)}))


def under_protocols(made, top=10):
    """The points as trained, those that fit the attack set, and the same points as if brought to one loss."""
    trained = points(made.labels, made.evaluations, made.spectra, made.frobenius, top)
    loss = trained["train_loss"].median()
    compared = {"raw": trained, "interpolated": interpolated(trained, 0.9, 0.3), "matched": matched(trained, loss, 0.5)}
    return pd.concat([frame.assign(protocol=name) for name, frame in compared.items()], ignore_index=True)


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
