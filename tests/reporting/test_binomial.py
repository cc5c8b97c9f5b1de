import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import stats

from lossbasins.reporting.binomial import SMALL, binomial_intervals, binomial_note, draw_binomial


@pytest.mark.parametrize(("right", "images"), [(0, 10), (10, 10), (7, 10), (113, 282), (281, 282)])
def test_ends_are_scipys(right, images):
    low, high = binomial_intervals(np.array([right / images]), np.array([float(images)]))
    expected = stats.binomtest(right, images).proportion_ci(0.95, method="exact")
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_bars_are_drawn_where_the_test_set_is_small():
    points = pd.DataFrame({"x": [1.0, 2.0], "test_accuracy": [0.5, 0.6], "test_images": [282, SMALL]})
    axes = Figure().subplots()
    draw_binomial(axes, points, "x")
    (bars,) = axes.collections
    (bar,) = bars.get_segments()
    expected = stats.binomtest(141, 282).proportion_ci(0.95, method="exact")
    np.testing.assert_allclose(bar, [[1, 100 * expected.low], [1, 100 * expected.high]], rtol=1e-9)


def test_the_note_says_how_many_images_or_nothing():
    points = pd.DataFrame({"test_images": [282, 282, 10000]})
    assert binomial_note(points) == " Upright bars: 95% binomial intervals of 282 test images."
    assert binomial_note(points[points["test_images"] > SMALL]) == ""
