import numpy as np
import pytest

from lossbasins.experiments.basin_stability.figure import basin_stability_figure
from lossbasins.reporting import style
from tests.experiments.basin_stability.frames import RADII, stability_frames
from tests.reporting.drawings import assert_readable
from tests.reporting.measurements import CASES

MANIFEST = "0123456789abcdef" * 4


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_readable(case):
    assert_readable(basin_stability_figure(*stability_frames(**CASES[case]), MANIFEST))


def test_each_solution_is_a_line_from_its_accuracy_before():
    table, curves = stability_frames(optimizers=("sgd",))
    whole, *_ = basin_stability_figure(table, curves, MANIFEST).axes
    thin = [line for line in whole.lines if line.get_linewidth() == 0.5]
    assert len(thin) == len(table) / 2
    first = curves[(curves["run"] == 0) & (curves["replica"] == 0) & (curves["kind"] == "whole")]
    start = table["test_accuracy"].iloc[0]
    np.testing.assert_allclose(thin[0].get_ydata(), 100 * np.array([start, *first["test_accuracy"]]))
    np.testing.assert_array_equal(thin[0].get_xdata()[1:], RADII)


def test_solutions_that_learnt_random_labels_are_told_apart():
    table, curves = stability_frames(attacks=((0.0, 0), (0.2, 400), (float("nan"), 4)))
    figure = basin_stability_figure(table, curves, MANIFEST)
    assert_readable(figure)
    (legend,) = figure.legends
    assert "random labels first" in [text.get_text() for text in legend.get_texts()]
    colours = [line.get_color() for line in figure.axes[0].lines if line.get_linewidth() == 0.5]
    assert colours.count(style.RANDOM_LABELS) == 12
