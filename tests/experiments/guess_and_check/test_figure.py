import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer

from lossbasins.experiments.guess_and_check.figure import SERIES, count_figure
from tests.experiments.guess_and_check.frames import table_frame
from tests.reporting.drawings import assert_readable
from tests.reporting.tables import read_back

MANIFEST = "0123456789abcdef" * 4


def drawn(**case):
    table = read_back(table_frame(**case))
    return table, count_figure(table, MANIFEST)


@pytest.mark.parametrize("case", [{}, {"died": 1}, {"died": 4}, {"not_fitted": 6}, {"images": (4, 8, 16, 32, 64)}])
def test_every_case_is_readable(case):
    assert_readable(drawn(**case)[1])


def test_each_panel_has_the_values_of_its_table_with_their_intervals():
    table, figure = drawn()
    bars = {
        container.get_label(): container
        for container in figure.axes[2].containers
        if isinstance(container, ErrorbarContainer)
    }
    for (way, level), look in SERIES.items():
        rows = table[(table["way"] == way) & (table["level"] == level)]
        line, _, (segments,) = bars[look["label"]]
        np.testing.assert_allclose(line.get_ydata(), 100 * rows["accuracy"])
        ends = np.array([segment[:, 1] for segment in segments.get_segments()])
        np.testing.assert_allclose(ends, 100 * rows[["accuracy_low", "accuracy_high"]])


def test_series_differ_in_more_than_colour():
    looks = [(look["marker"], look["ls"], look.get("mfc")) for look in SERIES.values()]
    assert len(set(looks)) == len(looks)


def test_the_volume_lies_beside_two_to_the_minus_n():
    _, figure = drawn()
    (line,) = [line for line in figure.axes[0].lines if line.get_label() == r"$2^{-n}$"]
    np.testing.assert_allclose(line.get_ydata(), np.log(0.5 ** line.get_xdata()))
