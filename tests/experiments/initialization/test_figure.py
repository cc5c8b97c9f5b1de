import numpy as np
import pytest

from lossbasins.experiments.initialization.figure import initialization_figure
from tests.experiments.initialization.frames import CASES, initialization_frames
from tests.reporting.drawings import assert_readable

MANIFEST = "0123456789abcdef" * 4


def drawn(**case):
    points, table, _, _ = initialization_frames(**case)
    return points, table, initialization_figure(points, table, MANIFEST)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_case_is_readable(case):
    assert_readable(drawn(**case)[2])


def test_dots_are_our_replicas_and_marks_the_means():
    points, table, figure = drawn(**CASES["usual"])
    (axes,) = figure.axes
    by_marker = {marker: [] for marker in ("o", "s", "D")}
    for line in axes.lines:
        by_marker.get(line.get_marker(), []).extend(line.get_ydata())
    np.testing.assert_allclose(sorted(by_marker["o"]), sorted(100 * points["test_accuracy"].dropna()))
    np.testing.assert_allclose(by_marker["s"], 100 * table["test_mean"])
    np.testing.assert_allclose(by_marker["D"], [99.00, 98.99, 99.19, 99.13])
    deviations = [np.ptp(bar.get_segments()[0][:, 1]) / 2 for bar in axes.collections]
    np.testing.assert_allclose(deviations[1::2], [0.19, 0.23, 0.03, 0.11])
    np.testing.assert_allclose(deviations[::2], 100 * table["test_std"])


def test_other_training_sets_are_marked_as_no_replication():
    (axes,) = drawn()[2].axes
    assert "NO REPLICATION" in axes.get_title(loc="left")
    _, _, figure = drawn(images=60000)
    assert "NO REPLICATION" not in figure.axes[0].get_title(loc="left")
    assert "replicate nothing" not in " ".join(figure.texts[0].get_text().split())


def test_small_print_counts_those_left_out_and_names_the_manifest():
    words = " ".join(drawn(**CASES["usual"])[2].texts[0].get_text().split())
    assert "16 solutions, 1 left out (1 diverged)" in words
    assert "Manifest 0123456789abcdef" in words
