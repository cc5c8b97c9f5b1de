import numpy as np
import pytest

from lossbasins.experiments.density.figure import density_figure
from tests.experiments.density.frames import density_frames
from tests.reporting.measurements import CASES
from tests.stages.reports import MANIFEST


@pytest.mark.parametrize("case", ["usual", "one run", "one solution"])
def test_lines_are_the_tables(case):
    table, curves, largest = density_frames(**CASES[case])
    density, ranks = density_figure(table, curves, largest, MANIFEST).axes
    assert len(density.lines) == len(ranks.lines) == curves["role"].nunique()
    for line, shown, column in (
        (density.lines[0], curves[curves["role"] == "good"], "density"),
        (ranks.lines[0], largest[largest["role"] == "good"], "eigenvalue"),
    ):
        np.testing.assert_array_equal(line.get_ydata(), shown[column])


def test_without_a_solution_it_says_so():
    figure = density_figure(*density_frames(**CASES["nothing"]), MANIFEST)
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["no solution to show"] * 2
